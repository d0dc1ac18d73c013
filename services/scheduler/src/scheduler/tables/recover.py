"""Restores of the database, and the journals that stations told after them."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from scheduler.tables.base import METADATA, moment

Table(
    "recovery",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("office", Text, ForeignKey("office.code"), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("why", Text, nullable=False),
    moment("began_at", now=True),
    Column("began_by", Text, nullable=False),
    moment("known_until", null=False),
    moment("finished_at"),
    Column("finished_by", Text),
    Column("result", JSONB, nullable=False, server_default=text("'{}'")),
    Index("open_recovery", "office", unique=True, postgresql_where=text("finished_at IS NULL")),
    comment="a restore of the database, the last thing it knew, and what came of it; while one is open nothing is printed",
)
Table(
    "journal_told",
    METADATA,
    Column("station", Text, ForeignKey("station.id"), primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    moment("at", now=True),
    comment="the last epoch for which a station told its journal whole",
)
Table(
    "journal",
    METADATA,
    Column("station", Text, ForeignKey("station.id"), primary_key=True),
    Column("attempt_id", Uuid, primary_key=True),
    Column("application_id", Uuid, nullable=False),
    Column("approval_id", Uuid),
    Column("receipt_number", Text, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("nonce", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    moment("intended_at"),
    Column("reference", Text),
    Column("outcome", Text),
    Column("evidence", JSONB, nullable=False),
    moment("outcome_at"),
    Column("epoch", Integer, nullable=False),
    Column("merged", Text),
    Index(None, "attempt_id"),
    comment="a station's journal as it told it; `merged` is what it meant for the attempt",
)
