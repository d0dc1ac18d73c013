"""Applications with their history, their counts, and what contradicts."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from scheduler.domain.lifecycle import APPLICATION_STATES
from scheduler.tables.base import METADATA, moment, one_of

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
    moment("received_at", null=False),
    moment("ranked_from", null=False),
    Column("state", Text, nullable=False),
    Column("seq", Integer, nullable=False, server_default=text("1")),
    Column("round", Integer, nullable=False, server_default=text("0")),
    moment("due_at"),
    Column("approval_id", Uuid),
    moment("approved_until"),
    Column("deferrals", Integer, nullable=False, server_default=text("0")),
    Column("correction", Integer, nullable=False, server_default=text("0")),
    moment("applicant_since"),
    Column("frozen_by", BigInteger),
    moment("collected_at"),
    Column("sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(["office", "kind", "district"], ["lane.office", "lane.kind", "lane.district"]),
    CheckConstraint(one_of("state", APPLICATION_STATES), name="state"),
    CheckConstraint("ranked_from >= received_at", name="never_earlier"),
    CheckConstraint(
        "state NOT IN ('deferred', 'verifying', 'needs_correction', 'printed') OR due_at IS NOT NULL "
        "OR (state = 'printed' AND collected_at IS NOT NULL)",
        name="no_dead_end",
    ),
    CheckConstraint(
        "state NOT IN ('approved', 'printing') OR (approval_id IS NOT NULL AND approved_until IS NOT NULL)",
        name="only_approved",
    ),
    Index(
        "lane_order",
        *("office", "kind", "district", "ranked_from", "id"),
        postgresql_include=["frozen_by"],
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "approved_order",
        *("office", "kind", "ranked_from", "id"),
        postgresql_include=["district", "frozen_by", "approved_until"],
        postgresql_where=text("state = 'approved'"),
    ),
    Index("due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    # Only who asks for ends in these words gets it; a lane's approvals would else be sought among all offices'.
    Index(
        "approval_end",
        "approved_until",
        postgresql_where=text("state = 'approved' AND approved_until > '-infinity'"),
    ),
    Index(
        "kind_order",
        *("office", "kind", "ranked_from", "id"),
        postgresql_include=["district", "frozen_by"],
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("listing", "office", "state", "id"),
    Index(
        "aside",
        *("office", "kind", "ranked_from", "id"),
        postgresql_where=text("state IN ('deferred', 'in_review')"),
    ),
    Index(
        "term",
        *("office", "state", "due_at"),
        postgresql_where=text(
            "state IN ('deferred', 'in_review', 'needs_correction') AND due_at IS NOT NULL"
        ),
    ),
    comment="one request for one card",
)
Table(
    "receipt",
    METADATA,
    Column("number", Text, primary_key=True),
    Column("application_id", Uuid, primary_key=True),
    comment="whose a receipt is; apart, so that a card that moves writes one index less",
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
    moment("ranked_from", null=False),
    moment("at", now=True),
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
    "crowd",
    METADATA,
    Column("office", Text, nullable=False),
    Column("grain", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("start", Date, nullable=False),
    Column("n", Integer, nullable=False),
    CheckConstraint("grain IN ('all', 'month', 'day')", name="grain"),
    # The count stands in the index: a place adds up dozens of rows without visiting one of them.
    Index(
        "crowd_key",
        *("office", "grain", "kind", "district", "start"),
        unique=True,
        postgresql_include=["n"],
    ),
    comment="the waiting ones of headcount summed up: by lane in all and by month, by kind (district '') by month and day",
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
    moment("at", now=True),
    comment="commands that overtook the application they are about",
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
    moment("at", now=True),
    moment("closed_at"),
    Column("closed_by", Text),
    Column("resolution", Text),
    Index(None, "office", postgresql_where=text("closed_at IS NULL")),
    comment="a contradiction that a person must look at; it freezes its application",
)
