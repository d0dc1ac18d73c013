"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("call_start", "override", "calendar", "window_change")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "since", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calls_per_hour", sa.Float(), nullable=True),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("quota_left", sa.Integer(), nullable=True),
        sa.Column("quota_day", sa.Date(), nullable=False),
        sa.Column("last_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call_seconds", sa.Float(), nullable=False),
        sa.Column("approval_hours", sa.Float(), nullable=False),
        sa.Column("block", sa.Text(), nullable=True),
        sa.Column("block_cause", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probation", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("probe_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("report_day", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "block IN ('closing', 'outage', 'quota', 'credentials')", name=op.f("account_block_check")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'closed', 'outage', 'quota', 'credentials')", name=op.f("account_state_check")
        ),
        sa.CheckConstraint("calls_per_hour > 0", name=op.f("account_calls_per_hour_check")),
        sa.PrimaryKeyConstraint("name", name=op.f("account_pkey")),
        comment="an account at the centre: every call start is one permit on its row; shared by any number of gateways",
    )
    op.create_table(
        "answer",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("elements", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.Column("approved_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("application_id", name=op.f("answer_pkey")),
        comment="the last answer given, to be given again to the same round",
    )
    op.create_table(
        "approval",
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_why", sa.Text(), nullable=True),
        sa.CheckConstraint("(record IS NULL) = (erased_at IS NOT NULL)", name=op.f("approval_erased_check")),
        sa.CheckConstraint("approved_until > approved_at", name=op.f("approval_validity_check")),
        sa.PrimaryKeyConstraint("approval_id", name=op.f("approval_pkey")),
        sa.UniqueConstraint("application_id", "round", name=op.f("approval_application_id_round_key")),
        comment="kept for ever, without its record once that is erased",
    )
    op.create_index(
        op.f("approval_approved_until_idx"),
        "approval",
        ["approved_until"],
        unique=False,
        postgresql_where=sa.text("record IS NOT NULL"),
    )
    op.create_table(
        "calendar",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tz", sa.Text(), nullable=False),
        sa.Column("weekly", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("follows_holidays", sa.Boolean(), nullable=False),
        sa.Column("closed_on", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("known_until", sa.Date(), nullable=False),
        sa.Column(
            "set_at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False
        ),
        sa.Column("author", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("calendar_pkey")),
        comment="append-only: weekly hours and the days off known so far; the highest version is in force",
    )
    op.create_table(
        "call_start",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("call_start_pkey")),
        comment="append-only: every call's start, with the close it was measured against; nothing about a person",
    )
    op.create_index(op.f("call_start_account_at_idx"), "call_start", ["account", "at"], unique=False)
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
        "override",
        sa.Column("change", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False),
        sa.CheckConstraint("act IN ('set', 'deleted')", name=op.f("override_act_check")),
        sa.PrimaryKeyConstraint("change", name=op.f("override_pkey")),
        sa.UniqueConstraint("id", "act", name=op.f("override_id_act_key")),
        comment="append-only: an officer's dated hours set, and deleted again",
    )
    op.create_table(
        "unreadable",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("times", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("application_id", name=op.f("unreadable_pkey")),
        comment="how often the centre's reply about one record could not be read: one bad record must not stop the rest",
    )
    op.create_table(
        "request",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "queued_at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False
        ),
        sa.CheckConstraint(
            "(state = 'calling') = (claim IS NOT NULL AND due_at IS NOT NULL)",
            name=op.f("request_claim_check"),
        ),
        sa.CheckConstraint("state IN ('queued', 'calling')", name=op.f("request_state_check")),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("request_account_fkey")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("request_pkey")),
        comment="a request of the scheduler's; `due_at` frees that of a caller who died",
    )
    op.create_index(op.f("request_account_position_idx"), "request", ["account", "position"], unique=False)
    op.create_table(
        "window_change",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("window_change_account_fkey")),
        sa.PrimaryKeyConstraint("account", "version", name=op.f("window_change_pkey")),
        comment="append-only: every announced state of an account, and who brought it about",
    )
    op.create_table(
        "window_day",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open_seconds", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("starts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("approvals", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("wasted_no_requests", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("wasted_outage", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("wasted_quota", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("wasted_credentials", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("window_day_account_fkey")),
        sa.PrimaryKeyConstraint("account", "day", name=op.f("window_day_pkey")),
        comment="one account's day: opened, closed, used, wasted and why",
    )
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("window_day")
    op.drop_table("window_change")
    op.drop_index(op.f("request_account_position_idx"), table_name="request")
    op.drop_table("request")
    op.drop_table("unreadable")
    op.drop_table("override")
    op.drop_table("outbox")
    op.drop_index(
        op.f("dead_letter_queue_idx"),
        table_name="dead_letter",
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.drop_table("dead_letter")
    op.drop_index(op.f("call_start_account_at_idx"), table_name="call_start")
    op.drop_table("call_start")
    op.drop_table("calendar")
    op.drop_index(
        op.f("approval_approved_until_idx"),
        table_name="approval",
        postgresql_where=sa.text("record IS NOT NULL"),
    )
    op.drop_table("approval")
    op.drop_table("answer")
    op.drop_table("account")
    op.execute("DROP FUNCTION refuse_change()")
