"""The gateway's rows. Personal data stand sealed in two columns only: `request.sealed` and `approval.record`."""

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
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from backbone.tables import NOW, metadata

METADATA = metadata()

STATES = ("open", "closed", "outage", "quota", "credentials")
BLOCKS = ("closing", "outage", "quota", "credentials")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _time(name: str, *, now: bool = False, null: bool = True) -> Column[object]:
    return Column(
        name, DateTime(timezone=True), nullable=null and not now, server_default=NOW if now else None
    )


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


def _amount(name: str) -> Column[float]:
    return Column(name, Float, nullable=False, server_default=text("0"))


Table(
    "account",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("prefix", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False),
    _time("since", now=True),
    _count("version"),
    _time("closes_at"),
    _time("opens_at"),
    Column("calls_per_hour", Float),
    Column("quota", Integer),
    Column("quota_left", Integer),
    Column("quota_day", Date, nullable=False),
    _time("last_start"),
    Column("call_seconds", Float, nullable=False),
    Column("approval_hours", Float, nullable=False),
    Column("block", Text),
    Column("block_cause", Text, nullable=False, server_default=text("''")),
    _time("retry_at"),
    Column("probation", Boolean, nullable=False, server_default=text("false")),
    _time("probe_until"),
    _count("failures"),
    Column("report_day", Date, nullable=False),
    _amount("turn"),
    CheckConstraint(_one_of("state", STATES), name="state"),
    CheckConstraint(_one_of("block", BLOCKS), name="block"),
    CheckConstraint("calls_per_hour > 0", name="calls_per_hour"),
    comment="an account at the centre: every call start is one permit on its row; shared by any number of gateways",
)
Table(
    "window_change",
    METADATA,
    Column("account", Text, ForeignKey("account.name"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False),
    _time("closes_at"),
    _time("opens_at"),
    _time("at", now=True),
    Column("author", Text, nullable=False),
    comment="append-only: every announced state of an account, and who brought it about",
)
Table(
    "window_day",
    METADATA,
    Column("account", Text, ForeignKey("account.name"), primary_key=True),
    Column("day", Date, primary_key=True),
    _time("settled_at", null=False),
    _time("booked_until", null=False),
    _time("opened"),
    _time("closed"),
    _amount("open_seconds"),
    _count("starts"),
    _count("approvals"),
    _amount("wasted_no_requests"),
    _amount("wasted_outage"),
    _amount("wasted_quota"),
    _amount("wasted_credentials"),
    comment="one account's day: opened, closed, used, wasted and why",
)
Table(
    "call_start",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("account", Text, nullable=False),
    _time("at", null=False),
    Column("method", Text, nullable=False),
    _time("closes_at"),
    Index(None, "account", "at"),
    comment="append-only: every call's start, with the close it was measured against; nothing about a person",
)
Table(
    "request",
    METADATA,
    Column("application_id", Uuid, primary_key=True),
    Column("round", Integer, nullable=False),
    Column("office", Text, nullable=False),
    Column("account", Text, ForeignKey("account.name"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("position", BigInteger, Identity(always=True), nullable=False),
    Column("state", Text, nullable=False, server_default=text("'queued'")),
    Column("claim", Uuid),
    _time("due_at"),
    _time("queued_at", now=True),
    _amount("turn"),
    CheckConstraint(_one_of("state", ("queued", "calling")), name="state"),
    CheckConstraint("(state = 'calling') = (claim IS NOT NULL AND due_at IS NOT NULL)", name="claim"),
    Index(None, "account", "turn", "position"),
    Index(None, "account", "office", "turn"),
    comment="a request of the scheduler's; `due_at` frees that of a caller who died",
)
Table(
    "answer",
    METADATA,
    Column("application_id", Uuid, primary_key=True),
    Column("round", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("elements", ARRAY(Text), nullable=False),
    Column("approval_id", Uuid),
    _time("approved_until"),
    _time("at", null=False),
    comment="the last answer given, to be given again to the same round",
)
Table(
    "unreadable",
    METADATA,
    Column("application_id", Uuid, primary_key=True),
    Column("times", Integer, nullable=False, server_default=text("1")),
    comment="how often the centre's reply about one record could not be read: one bad record must not stop the rest",
)
Table(
    "approval",
    METADATA,
    Column("approval_id", Uuid, primary_key=True),
    Column("application_id", Uuid, nullable=False),
    Column("round", Integer, nullable=False),
    Column("office", Text, nullable=False),
    _time("approved_at", null=False),
    _time("approved_until", null=False),
    Column("record", LargeBinary),
    _time("erased_at"),
    Column("erased_why", Text),
    CheckConstraint("approved_until > approved_at", name="validity"),
    CheckConstraint("(record IS NULL) = (erased_at IS NOT NULL)", name="erased"),
    UniqueConstraint("application_id", "round"),
    Index(None, "approved_until", postgresql_where=text("record IS NOT NULL")),
    comment="kept for ever, without its record once that is erased",
)
Table(
    "calendar",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("tz", Text, nullable=False),
    Column("weekly", JSONB, nullable=False),
    Column("follows_holidays", Boolean, nullable=False),
    Column("closed_on", JSONB, nullable=False),
    Column("known_until", Date, nullable=False),
    _time("set_at", now=True),
    Column("author", Text, nullable=False),
    Column("local", Boolean, nullable=False, server_default=text("false")),
    comment="append-only: weekly hours and the days off known so far; the highest version is in force",
)
Table(
    "override",
    METADATA,
    Column("change", BigInteger, Identity(always=True), primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("act", Text, nullable=False),
    Column("calendar", Text, nullable=False),
    _time("from_at", null=False),
    _time("until_at", null=False),
    Column("hours", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    _time("at", now=True),
    CheckConstraint(_one_of("act", ("set", "deleted")), name="act"),
    UniqueConstraint("id", "act"),
    comment="append-only: an officer's dated hours set, and deleted again",
)
