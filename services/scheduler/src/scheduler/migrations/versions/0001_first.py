"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SEQUENCE fence")
    op.create_table(
        "calendars",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("calendars", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("calendars_one_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("calendars_pkey")),
        comment="a copy of the gateway's calendars",
    )
    op.create_table(
        "centre",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calls_per_hour", sa.Float(), nullable=True),
        sa.Column("quota_left", sa.Integer(), nullable=True),
        sa.Column("call_seconds", sa.Float(), nullable=False),
        sa.Column("approval_hours", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("centre_pkey")),
        comment="what the gateway last said of an account",
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
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ranked_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False),
        sa.PrimaryKeyConstraint("application_id", "epoch", "seq", name=op.f("event_pkey")),
        comment="every change of an application, gapless by (epoch, seq)",
    )
    op.create_table(
        "headcount",
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office", "state", "kind", "district", "day", name=op.f("headcount_pkey")),
        comment="how many, by state and lane; waiting ones by the UTC day of ranked_from, others under -infinity",
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_pkey")),
        comment="a contradiction that a person must look at; it freezes its application",
    )
    op.create_index(
        op.f("incident_office_idx"),
        "incident",
        ["office"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "office",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("tz", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recovering", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("print_after_close", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("office_pkey")),
        comment="a regency's registry, the tenant of everything below",
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
        "release_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("log", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("release_log_pkey")),
        comment="every pick with the heads it was picked from; append-only",
    )
    op.create_index(
        op.f("release_log_office_stage_id_idx"), "release_log", ["office", "stage", "id"], unique=False
    )
    op.create_table(
        "stock_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("note_number", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("second_person", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("stock_move_pkey")),
        sa.UniqueConstraint(
            "attempt_id", "source", "target", name=op.f("stock_move_attempt_id_source_target_key")
        ),
        comment="append-only; an attempt moves its blank once from one account to another",
    )
    op.create_index(
        op.f("stock_move_office_place_item_idx"), "stock_move", ["office", "place", "item"], unique=False
    )
    op.create_table(
        "tally",
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office", "day", "cause", name=op.f("tally_pkey")),
        comment="how many applications moved for which cause, by the office's day",
    )
    op.create_table(
        "tombstone",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False),
        sa.PrimaryKeyConstraint("application_id", "command", name=op.f("tombstone_pkey")),
        comment="commands that overtook the application they are about",
    )
    op.create_table(
        "delivery",
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("note_number", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("blanks", sa.Integer(), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["office"], ["office.code"], name=op.f("delivery_office_fkey")),
        sa.PrimaryKeyConstraint("office", "note_number", name=op.f("delivery_pkey")),
        comment="blanks announced, and received once",
    )
    op.create_table(
        "lane",
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["office"], ["office.code"], name=op.f("lane_office_fkey")),
        sa.PrimaryKeyConstraint("office", "kind", "district", name=op.f("lane_pkey")),
        comment="the smallest group a policy can name; never deleted",
    )
    op.create_table(
        "policy",
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "set_at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["office"], ["office.code"], name=op.f("policy_office_fkey")),
        sa.PrimaryKeyConstraint("office", "version", name=op.f("policy_pkey")),
        comment="append-only",
    )
    op.create_table(
        "release_turn",
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column(
            "credit", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.CheckConstraint("stage IN ('verify', 'print')", name=op.f("release_turn_stage_check")),
        sa.ForeignKeyConstraint(["office"], ["office.code"], name=op.f("release_turn_office_fkey")),
        sa.PrimaryKeyConstraint("office", "stage", name=op.f("release_turn_pkey")),
        comment="the mutex of one office and stage, with the claims' credit",
    )
    op.create_table(
        "station",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'running'"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("run", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("slots", sa.Integer(), server_default=sa.text("2"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence_seen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("evidence", sa.Text(), server_default=sa.text("'device'"), nullable=False),
        sa.Column("printer", sa.Text(), server_default=sa.text("'ready'"), nullable=False),
        sa.Column("printer_reasons", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("seconds_per_card", sa.Float(), server_default=sa.text("120"), nullable=False),
        sa.Column("measured", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'lost', 'retired')", name=op.f("station_state_check")
        ),
        sa.ForeignKeyConstraint(["office"], ["office.code"], name=op.f("station_office_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("station_pkey")),
        comment="a printer station; seconds_per_card is measured from armed to printed",
    )
    op.create_index(op.f("station_office_idx"), "station", ["office"], unique=False)
    op.create_table(
        "stock",
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "account IN ('received', 'on_hand', 'booked', 'uncertain', 'printed', 'spoiled', 'destroyed', 'returned', 'missing')",
            name=op.f("stock_account_check"),
        ),
        sa.CheckConstraint("n >= 0", name=op.f("stock_never_below_nothing_check")),
        sa.ForeignKeyConstraint(["office"], ["office.code"], name=op.f("stock_office_fkey")),
        sa.PrimaryKeyConstraint("office", "place", "item", "account", name=op.f("stock_pkey")),
        comment="balances by double entry; place is a station or '' for the office's store",
    )
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("district_code", sa.Text(), nullable=False),
        sa.Column("receipt_number", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ranked_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("round", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.Column("approved_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deferrals", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("correction", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("applicant_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frozen_by", sa.BigInteger(), nullable=True),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'deferred', 'verifying', 'approved', 'printing', 'printed', 'needs_correction', 'in_review', 'refused', 'withdrawn', 'lapsed')",
            name=op.f("application_state_check"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'printing') OR (approval_id IS NOT NULL AND approved_until IS NOT NULL)",
            name=op.f("application_only_approved_check"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('deferred', 'verifying', 'needs_correction') OR due_at IS NOT NULL",
            name=op.f("application_no_dead_end_check"),
        ),
        sa.CheckConstraint("ranked_from >= received_at", name=op.f("application_never_earlier_check")),
        sa.ForeignKeyConstraint(
            ["office", "kind", "district"],
            ["lane.office", "lane.kind", "lane.district"],
            name=op.f("application_office_kind_district_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("application_pkey")),
        comment="one request for one card",
    )
    op.create_index(
        "approval_end",
        "application",
        ["approved_until"],
        unique=False,
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_index(
        "due", "application", ["due_at"], unique=False, postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index(
        "in_flight",
        "application",
        ["office", "state"],
        unique=False,
        postgresql_where=sa.text("state IN ('verifying', 'approved', 'printing')"),
    )
    op.create_index(
        "lane_order",
        "application",
        ["office", "state", "kind", "district", "ranked_from", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'approved')"),
    )
    op.create_index("listing", "application", ["office", "id"], unique=False)
    op.create_index("receipt", "application", ["receipt_number"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default=sa.text("nextval('fence')"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'reserved'"), nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.Uuid(), nullable=True),
        sa.Column("given_up", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "reserved_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("backbone.now()"),
            nullable=False,
        ),
        sa.Column("armed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("second_person", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("blank_serial", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('reserved', 'armed', 'uncertain', 'printed', 'spoiled', 'released')",
            name=op.f("attempt_state_check"),
        ),
        sa.CheckConstraint(
            "state IN ('reserved', 'released') OR (nonce IS NOT NULL AND armed_at IS NOT NULL)",
            name=op.f("attempt_armed_first_check"),
        ),
        sa.CheckConstraint(
            "second_person IS NULL OR second_person <> closed_by", name=op.f("attempt_two_persons_check")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("attempt_application_id_fkey")
        ),
        sa.ForeignKeyConstraint(["station"], ["station.id"], name=op.f("attempt_station_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("attempt_pkey")),
        sa.UniqueConstraint("application_id", "n", name=op.f("attempt_application_id_n_key")),
        sa.UniqueConstraint("fence", name=op.f("attempt_fence_key")),
        comment="one try at one physical card",
    )
    op.create_index(
        "closed",
        "attempt",
        ["office", "closed_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index(
        "live",
        "attempt",
        ["station", "fence"],
        unique=False,
        postgresql_where=sa.text("state IN ('reserved', 'armed', 'uncertain')"),
    )
    op.create_index(
        "one_at_the_printer",
        "attempt",
        ["station"],
        unique=True,
        postgresql_where=sa.text("state IN ('armed', 'uncertain')"),
    )
    op.create_index(
        "one_card",
        "attempt",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('reserved', 'armed', 'uncertain', 'printed')"),
    )
    op.create_index(
        "serial",
        "attempt",
        ["blank_serial"],
        unique=True,
        postgresql_where=sa.text("blank_serial IS NOT NULL"),
    )
    # The lanes' heads turn over all day: vacuum early, leave room on the page for updates in place.
    op.execute("ALTER TABLE application SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02)")
    op.execute("ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.02)")


def downgrade() -> None:
    raise RuntimeError("the first schema has no way back")
