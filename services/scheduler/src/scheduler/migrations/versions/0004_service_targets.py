"""Service targets by office; cards nobody collects get a date; indexes for what stands aside."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DATED = op.f("application_no_dead_end_check")


def upgrade() -> None:
    op.create_table(
        "service_target",
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "set_at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["office"], ["office.code"], name=op.f("service_target_office_fkey")),
        sa.PrimaryKeyConstraint("office", "version", name=op.f("service_target_pkey")),
        comment="within how many hours of counter time an office means to have a card ready, by kind; append-only",
    )
    op.create_index(
        "aside",
        "application",
        ["office", "kind", "ranked_from", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('deferred', 'in_review')"),
    )
    op.create_index(
        "term",
        "application",
        ["office", "state", "due_at"],
        unique=False,
        postgresql_where=sa.text(
            "state IN ('deferred', 'in_review', 'needs_correction') AND due_at IS NOT NULL"
        ),
    )
    # Cards printed before there was a term have the whole of it from now on.
    op.execute(
        "UPDATE application SET due_at = backbone.now() + interval '365 days' "
        "WHERE state = 'printed' AND collected_at IS NULL AND due_at IS NULL"
    )
    op.drop_constraint(DATED, "application")
    op.create_check_constraint(
        DATED,
        "application",
        "state NOT IN ('deferred', 'verifying', 'needs_correction', 'printed') OR due_at IS NOT NULL "
        "OR (state = 'printed' AND collected_at IS NOT NULL)",
    )


def downgrade() -> None:
    op.drop_constraint(DATED, "application")
    op.create_check_constraint(
        DATED,
        "application",
        "state NOT IN ('deferred', 'verifying', 'needs_correction') OR due_at IS NOT NULL",
    )
    op.drop_index("term", table_name="application")
    op.drop_index("aside", table_name="application")
    op.drop_table("service_target")
