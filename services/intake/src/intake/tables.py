"""Intake's rows: the applicant's data (sealed), receipts, the case's own events, a copy of its state.

Who a person is stands in sealed bytes only; a person is looked up by a keyed hash. Indexes carry promises; each says
which.
"""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
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
from intake.domain.case import CLOSED_STATES

METADATA = metadata()


def _time(name: str, *, now: bool = False, null: bool = True) -> Column[object]:
    return Column(
        name, DateTime(timezone=True), nullable=null and not now, server_default=NOW if now else None
    )


Table(
    "application",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("office", Text, nullable=False),
    Column("receipt_number", Text, nullable=False),
    Column("reference", Text, comment="the office's own number"),
    Column("source", Text, nullable=False),
    Column("batch_id", Uuid),
    Column("district_code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _time("received_at", now=True),
    _time("captured_at"),
    Column("device", Text, nullable=False, comment="the subject of the token that posted it"),
    Column("person_hash", LargeBinary, nullable=False, comment="keyed hash of the NIK"),
    Column("nik_last4", Text, nullable=False),
    Column("person", LargeBinary, nullable=False, comment="sealed: NIK, name, birth date, sex, telephone"),
    Column("row_hash", LargeBinary, comment="keyed hash of the row as it came, where it has a reference"),
    Column("correction", Integer, nullable=False, server_default=text("0")),
    Column("pin_version", Integer, nullable=False, server_default=text("1")),
    Column("warnings", JSONB, nullable=False, server_default=text("'[]'")),
    Column("open", Boolean, nullable=False, server_default=text("true")),
    Column("state", Text, nullable=False, server_default=text("'received'")),
    Column("state_epoch", Integer, nullable=False, server_default=text("0")),
    Column("state_seq", Integer, nullable=False, server_default=text("0")),
    _time("state_at", now=True),
    Column("cause", Text, nullable=False, server_default=text("'received'")),
    _time("due_at"),
    Column("elements", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    _time("rank_at"),
    Column("place", Integer),
    Column("lane_place", Integer),
    Column("policy_version", Integer),
    _time("ranked_at"),
    _time("first_status_at"),
    _time("resend_at", null=False),
    _time("collected_at"),
    Column("handover", LargeBinary, comment="sealed: who took the card, and a note"),
    UniqueConstraint("receipt_number"),
    CheckConstraint("source IN ('kiosk', 'counter', 'import')", name="source"),
    CheckConstraint(f"NOT open OR state NOT IN {CLOSED_STATES!r}", name="closed_is_not_open"),
    CheckConstraint("(state = 'collected') = (collected_at IS NOT NULL)", name="collected"),
    Index(
        "one_reference", "office", "reference", unique=True, postgresql_where=text("reference IS NOT NULL")
    ),
    Index("one_open_case", "person_hash", unique=True, postgresql_where=text("open")),
    Index("person_history", "person_hash", postgresql_where=text("NOT open")),
    Index("unheard_of", "resend_at", postgresql_where=text("first_status_at IS NULL")),
    Index("unheard_since", "resend_at", postgresql_where=text("open AND first_status_at IS NOT NULL")),
    comment="one request for one card, as its applicant made it",
)
Table(
    "event",
    METADATA,
    Column("application_id", Uuid, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("what", Text, nullable=False),
    Column("actor", Text, nullable=False),
    _time("at", now=True),
    Column("reason", Text),
    comment="what was done to an application here",
)
Table(
    "status_event",
    METADATA,
    Column("application_id", Uuid, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False),
    _time("at", null=False),
    comment="what the scheduler told of an application, in whatever order it came",
)
Table(
    "idempotency",
    METADATA,
    Column("device", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False, comment="keyed hash of the body"),
    Column("application_id", Uuid, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", LargeBinary, nullable=False, comment="sealed; without the PIN, which is derived"),
    _time("created_at", now=True),
    Index("expiry", "created_at"),
    comment="answers given, kept 30 days for who asks again",
)
Table(
    "import_batch",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("office", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("name", Text, nullable=False),
    _time("started_at", now=True),
    _time("finished_at"),
    Column("rows", Integer, nullable=False, server_default=text("0")),
    Column("counts", JSONB, nullable=False, server_default=text("'{}'")),
    comment="a backlog file and who brought it",
)
