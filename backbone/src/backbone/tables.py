"""The tables that every service has in its own schema: outbox and dead letters."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, MetaData, Table, Text, text

NOW = text("backbone.now()")
NAMES = {
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
}


def metadata() -> MetaData:
    """A service's metadata with the shared tables in it."""
    found = MetaData(naming_convention=NAMES)
    Table(
        "outbox",
        found,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("type", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=NOW),
        Column("due_at", DateTime(timezone=True)),
        comment="messages owed: written with the change that owes them, removed once published",
    )
    Table(
        "dead_letter",
        found,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("queue", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("error", Text, nullable=False),
        Column("tries", Integer, nullable=False, server_default=text("1")),
        Column("died_at", DateTime(timezone=True), nullable=False, server_default=NOW),
        Column("settled_at", DateTime(timezone=True)),
        Column("settled_by", Text),
        Column("settled_how", Text),
        Column("reason", Text),
        Index(None, "queue", postgresql_where=text("settled_at IS NULL")),
        comment="messages that a consumer refused for their content",
    )
    return found
