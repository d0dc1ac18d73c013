"""What stands beside the ledger: numbered papers, lots with their serials, ribbons and films."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from scheduler.domain.ledger import PAPERS
from scheduler.domain.supplies import SUPPLIES
from scheduler.tables.base import METADATA, moment, one_of

Table(
    "paper",
    METADATA,
    Column("office", Text, ForeignKey("office.code"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("place", Text, nullable=False),
    Column("target", Text),
    Column("n", Integer, nullable=False),
    Column("difference", Integer),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'")),
    Column("actor", Text, nullable=False),
    Column("second_person", Text, nullable=False),
    Column("reason", Text, nullable=False),
    moment("at", now=True),
    UniqueConstraint("id"),
    CheckConstraint(one_of("kind", PAPERS), name="kind"),
    CheckConstraint("n >= 0", name="never_below_nothing"),
    CheckConstraint("second_person <> actor", name="two_persons"),
    comment="append-only; every act on stock that takes two persons, once for its number",
)
Table(
    "lot",
    METADATA,
    Column("office", Text, ForeignKey("office.code"), primary_key=True),
    Column("lot", Text, primary_key=True),
    Column("note_number", Text, nullable=False),
    Column("blanks", Integer, nullable=False),
    Column("returned", Integer, nullable=False, server_default=text("0")),
    Column("serial_prefix", Text),
    Column("serial_width", Integer),
    Column("serial_first", BigInteger),
    Column("serial_last", BigInteger),
    moment("received_at", now=True),
    CheckConstraint("returned BETWEEN 0 AND blanks", name="returned_of_received"),
    CheckConstraint(
        "num_nulls(serial_prefix, serial_width, serial_first, serial_last) IN (0, 4)", name="whole_range"
    ),
    CheckConstraint("serial_last - serial_first + 1 = blanks", name="a_serial_each"),
    Index(None, "office", "serial_prefix", "serial_width", "serial_first"),
    comment="blanks that came together; the range of their serials where it is known",
)
Table(
    "supply",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("office", Text, ForeignKey("office.code"), nullable=False),
    Column("station", Text, ForeignKey("station.id"), nullable=False),
    Column("item", Text, nullable=False),
    Column("roll", Text),
    Column("nominal", Integer, nullable=False),
    moment("loaded_at", now=True),
    Column("loaded_by", Text, nullable=False),
    moment("replaced_at"),
    Column("cards", Integer),
    Column("used_up", Boolean),
    UniqueConstraint("office", "item", "roll"),
    CheckConstraint(one_of("item", SUPPLIES), name="item"),
    CheckConstraint("nominal > 0", name="some_cards"),
    CheckConstraint("num_nulls(replaced_at, cards, used_up) IN (0, 3)", name="replaced_and_measured"),
    Index("one_loaded", "station", "item", unique=True, postgresql_where=text("replaced_at IS NULL")),
    Index("measured", "station", "item", "replaced_at", postgresql_where=text("used_up")),
    comment="a ribbon or film as it was loaded; `cards` is what it made until it was replaced",
)
