"""The scheduler's rows. No personal data: ids, reasons, districts, times, an opaque sealed blob.

`office` is the first key column everywhere. Indexes and checks carry promises; each says which.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from backbone.tables import NOW, metadata
from scheduler.domain.ledger import ACCOUNTS
from scheduler.domain.lifecycle import APPLICATION_STATES, ATTEMPT_STATES

METADATA = metadata()
FENCE = Sequence("fence", metadata=METADATA)
"""Grows with every attempt; a restore lifts it."""


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _time(name: str, *, now: bool = False, null: bool = True) -> Column[object]:
    return Column(
        name, DateTime(timezone=True), nullable=null and not now, server_default=NOW if now else None
    )


Table(
    "office",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("tz", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("epoch", Integer, nullable=False, server_default=text("1")),
    Column("recovering", Boolean, nullable=False, server_default=text("false")),
    Column("print_after_close", Boolean, nullable=False, server_default=text("true")),
    comment="a regency's registry, the tenant of everything below",
)
Table(
    "release_turn",
    METADATA,
    Column("office", Text, ForeignKey("office.code"), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("credit", JSONB, nullable=False, server_default=text("'{}'")),
    CheckConstraint("stage IN ('verify', 'print')", name="stage"),
    comment="the mutex of one office and stage, with the claims' credit",
)
Table(
    "lane",
    METADATA,
    Column("office", Text, ForeignKey("office.code"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("district", Text, primary_key=True),
    comment="the smallest group a policy can name; never deleted",
)
Table(
    "application",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("office", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("district_code", Text, nullable=False),
    Column("receipt_number", Text, nullable=False),
    Column("source", Text, nullable=False),
    _time("received_at", null=False),
    _time("ranked_from", null=False),
    Column("state", Text, nullable=False),
    Column("seq", Integer, nullable=False, server_default=text("1")),
    Column("round", Integer, nullable=False, server_default=text("0")),
    _time("due_at"),
    Column("approval_id", Uuid),
    _time("approved_until"),
    Column("deferrals", Integer, nullable=False, server_default=text("0")),
    Column("correction", Integer, nullable=False, server_default=text("0")),
    _time("applicant_since"),
    Column("frozen_by", BigInteger),
    _time("collected_at"),
    Column("sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(["office", "kind", "district"], ["lane.office", "lane.kind", "lane.district"]),
    CheckConstraint(_one_of("state", APPLICATION_STATES), name="state"),
    CheckConstraint("ranked_from >= received_at", name="never_earlier"),
    CheckConstraint(
        "state NOT IN ('deferred', 'verifying', 'needs_correction') OR due_at IS NOT NULL", name="no_dead_end"
    ),
    CheckConstraint(
        "state NOT IN ('approved', 'printing') OR (approval_id IS NOT NULL AND approved_until IS NOT NULL)",
        name="only_approved",
    ),
    Index(
        "lane_order",
        "office",
        "state",
        "kind",
        "district",
        "ranked_from",
        "id",
        postgresql_where=text("state IN ('waiting', 'approved')"),
    ),
    Index(
        "in_flight",
        "office",
        "state",
        postgresql_where=text("state IN ('verifying', 'approved', 'printing')"),
    ),
    Index("due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("approval_end", "approved_until", postgresql_where=text("state = 'approved'")),
    Index("listing", "office", "id"),
    Index("receipt", "receipt_number"),
    comment="one request for one card",
)
Table(
    "event",
    METADATA,
    Column("application_id", Uuid, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text),
    _time("ranked_from", null=False),
    _time("at", now=True),
    comment="every change of an application, gapless by (epoch, seq)",
)
Table(
    "headcount",
    METADATA,
    Column("office", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("district", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("n", Integer, nullable=False),
    comment="how many, by state and lane; waiting ones by the UTC day of ranked_from, others under -infinity",
)
Table(
    "tally",
    METADATA,
    Column("office", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("n", Integer, nullable=False),
    comment="how many applications moved for which cause, by the office's day",
)
Table(
    "tombstone",
    METADATA,
    Column("application_id", Uuid, primary_key=True),
    Column("command", Text, primary_key=True),
    Column("body", JSONB, nullable=False),
    _time("at", now=True),
    comment="commands that overtook the application they are about",
)
Table(
    "policy",
    METADATA,
    Column("office", Text, ForeignKey("office.code"), primary_key=True),
    Column("version", Integer, primary_key=True),
    _time("valid_from", null=False),
    _time("valid_until"),
    Column("rules", JSONB, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _time("set_at", now=True),
    comment="append-only",
)
Table(
    "station",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("office", Text, ForeignKey("office.code"), nullable=False),
    Column("state", Text, nullable=False, server_default=text("'running'")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("state_by", Text, nullable=False, server_default=text("''")),
    Column("run", Integer, nullable=False, server_default=text("0")),
    Column("slots", Integer, nullable=False, server_default=text("2")),
    _time("seen_at"),
    Column("fence_seen", BigInteger, nullable=False, server_default=text("0")),
    Column("evidence", Text, nullable=False, server_default=text("'device'")),
    Column("printer", Text, nullable=False, server_default=text("'ready'")),
    Column("printer_reasons", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("seconds_per_card", Float, nullable=False, server_default=text("120")),
    Column("measured", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("state IN ('running', 'paused', 'lost', 'retired')", name="state"),
    Index(None, "office"),
    comment="a printer station; seconds_per_card is measured from armed to printed",
)
Table(
    "attempt",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("application_id", Uuid, ForeignKey("application.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("office", Text, nullable=False),
    Column("station", Text, ForeignKey("station.id"), nullable=False),
    Column("approval_id", Uuid, nullable=False),
    Column("fence", BigInteger, FENCE, nullable=False, unique=True, server_default=FENCE.next_value()),
    Column("state", Text, nullable=False, server_default=text("'reserved'")),
    Column("run", Integer),
    Column("nonce", Uuid),
    Column("given_up", Boolean, nullable=False, server_default=text("false")),
    _time("reserved_at", now=True),
    _time("armed_at"),
    _time("closed_at"),
    Column("closed_by", Text),
    Column("second_person", Text),
    Column("note", Text),
    Column("evidence", JSONB),
    Column("blank_serial", Text),
    UniqueConstraint("application_id", "n"),
    CheckConstraint(_one_of("state", ATTEMPT_STATES), name="state"),
    CheckConstraint(
        "state IN ('reserved', 'released') OR (nonce IS NOT NULL AND armed_at IS NOT NULL)",
        name="armed_first",
    ),
    CheckConstraint("second_person IS NULL OR second_person <> closed_by", name="two_persons"),
    Index(
        "one_card",
        "application_id",
        unique=True,
        postgresql_where=text("state IN ('reserved', 'armed', 'uncertain', 'printed')"),
    ),
    Index(
        "one_at_the_printer", "station", unique=True, postgresql_where=text("state IN ('armed', 'uncertain')")
    ),
    Index("live", "station", "fence", postgresql_where=text("state IN ('reserved', 'armed', 'uncertain')")),
    Index("closed", "office", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    Index("serial", "blank_serial", unique=True, postgresql_where=text("blank_serial IS NOT NULL")),
    comment="one try at one physical card",
)
Table(
    "stock",
    METADATA,
    Column("office", Text, ForeignKey("office.code"), primary_key=True),
    Column("place", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("n", Integer, nullable=False),
    CheckConstraint(_one_of("account", ACCOUNTS), name="account"),
    CheckConstraint("n >= 0", name="never_below_nothing"),
    comment="balances by double entry; place is a station or '' for the office's store",
)
Table(
    "stock_move",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("office", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("attempt_id", Uuid),
    Column("note_number", Text),
    Column("actor", Text, nullable=False),
    Column("second_person", Text),
    Column("reason", Text),
    _time("at", now=True),
    UniqueConstraint("attempt_id", "source", "target"),
    Index(None, "office", "place", "item"),
    comment="append-only; an attempt moves its blank once from one account to another",
)
Table(
    "delivery",
    METADATA,
    Column("office", Text, ForeignKey("office.code"), primary_key=True),
    Column("note_number", Text, primary_key=True),
    Column("place", Text, nullable=False),
    Column("blanks", Integer, nullable=False),
    _time("expected_at", null=False),
    _time("received_at"),
    Column("actor", Text, nullable=False),
    comment="blanks announced, and received once",
)
Table(
    "centre",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False),
    _time("closes_at"),
    _time("opens_at"),
    Column("calls_per_hour", Float),
    Column("quota_left", Integer),
    Column("call_seconds", Float, nullable=False),
    Column("approval_hours", Float, nullable=False),
    _time("at", null=False),
    comment="what the gateway last said of an account",
)
Table(
    "calendars",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("calendars", JSONB, nullable=False),
    CheckConstraint("id = 1", name="one"),
    comment="a copy of the gateway's calendars",
)
Table(
    "release_log",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("office", Text, nullable=False),
    Column("stage", Text, nullable=False),
    _time("at", now=True),
    Column("policy_version", Integer, nullable=False),
    Column("log", JSONB, nullable=False),
    Index(None, "office", "stage", "id"),
    comment="every pick with the heads it was picked from; append-only",
)
Table(
    "incident",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("office", Text, nullable=False),
    Column("application_id", Uuid),
    Column("attempt_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    _time("at", now=True),
    _time("closed_at"),
    Column("closed_by", Text),
    Column("resolution", Text),
    Index(None, "office", postgresql_where=text("closed_at IS NULL")),
    comment="a contradiction that a person must look at; it freezes its application",
)
