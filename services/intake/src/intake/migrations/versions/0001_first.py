"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("receipt_number", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True, comment="the office's own number"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("district_code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("backbone.now()"),
            nullable=False,
        ),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device", sa.Text(), nullable=False, comment="the subject of the token that posted it"),
        sa.Column("person_hash", sa.LargeBinary(), nullable=False, comment="keyed hash of the NIK"),
        sa.Column("nik_last4", sa.Text(), nullable=False),
        sa.Column(
            "person",
            sa.LargeBinary(),
            nullable=False,
            comment="sealed: NIK, name, birth date, sex, telephone",
        ),
        sa.Column(
            "row_hash",
            sa.LargeBinary(),
            nullable=True,
            comment="keyed hash of the row as it came, where it has a reference",
        ),
        sa.Column("correction", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("pin_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "warnings",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("open", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'received'"), nullable=False),
        sa.Column("state_epoch", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("state_seq", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "state_at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False
        ),
        sa.Column("cause", sa.Text(), server_default=sa.text("'received'"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("elements", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("rank_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("lane_place", sa.Integer(), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("ranked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_status_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resend_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "handover", sa.LargeBinary(), nullable=True, comment="sealed: who took the card, and a note"
        ),
        sa.CheckConstraint(
            "(state = 'collected') = (collected_at IS NOT NULL)", name=op.f("application_collected_check")
        ),
        sa.CheckConstraint(
            "NOT open OR state NOT IN ('collected', 'refused', 'withdrawn', 'lapsed')",
            name=op.f("application_closed_is_not_open_check"),
        ),
        sa.CheckConstraint("source IN ('kiosk', 'counter', 'import')", name=op.f("application_source_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("application_pkey")),
        sa.UniqueConstraint("receipt_number", name=op.f("application_receipt_number_key")),
        comment="one request for one card, as its applicant made it",
    )
    op.create_index(
        "one_open_case", "application", ["person_hash"], unique=True, postgresql_where=sa.text("open")
    )
    op.create_index(
        "one_reference",
        "application",
        ["office", "reference"],
        unique=True,
        postgresql_where=sa.text("reference IS NOT NULL"),
    )
    op.create_index("person_history", "application", ["person_hash"], unique=False)
    op.create_index(
        "unheard_of",
        "application",
        ["resend_at"],
        unique=False,
        postgresql_where=sa.text("first_status_at IS NULL"),
    )
    op.create_index(
        "unheard_since",
        "application",
        ["resend_at"],
        unique=False,
        postgresql_where=sa.text("open AND first_status_at IS NOT NULL"),
    )
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "died_at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False
        ),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_how", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("dead_letter_pkey")),
        comment="messages that a consumer refused for their content",
    )
    op.create_index(
        op.f("dead_letter_queue_idx"),
        "dead_letter",
        ["queue"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "event",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("application_id", "n", name=op.f("event_pkey")),
        comment="what was done to an application here",
    )
    op.create_table(
        "idempotency",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False, comment="keyed hash of the body"),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column(
            "answer", sa.LargeBinary(), nullable=False, comment="sealed; without the PIN, which is derived"
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("device", "key", name=op.f("idempotency_pkey")),
        comment="answers given, kept 30 days for who asks again",
    )
    op.create_index("expiry", "idempotency", ["created_at"], unique=False)
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "counts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("import_batch_pkey")),
        comment="a backlog file and who brought it",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pkey")),
        comment="messages owed: written with the change that owes them, removed once published",
    )
    op.create_table(
        "status_event",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("application_id", "epoch", "seq", name=op.f("status_event_pkey")),
        comment="what the scheduler told of an application, in whatever order it came",
    )
    # Promise 6: what orders the queue never changes.
    op.execute("""CREATE FUNCTION keep_received_at() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'received_at never changes' USING ERRCODE = 'integrity_constraint_violation'; END $$""")
    op.execute("""CREATE TRIGGER keep_received_at BEFORE UPDATE OF received_at ON application FOR EACH ROW
        WHEN (OLD.received_at IS DISTINCT FROM NEW.received_at) EXECUTE FUNCTION keep_received_at()""")
    op.execute("ALTER TABLE application SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02)")
    op.execute("ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.02)")


def downgrade() -> None:
    raise RuntimeError("the first schema has no way back")
