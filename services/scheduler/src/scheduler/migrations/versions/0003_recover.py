"""After a restore of the database: recoveries, journals as told, attempts found in them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recovery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column(
            "began_at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False
        ),
        sa.Column("began_by", sa.Text(), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_by", sa.Text(), nullable=True),
        sa.Column(
            "result",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["office"], ["office.code"], name=op.f("recovery_office_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("recovery_pkey")),
        comment="a restore of the database, the last thing it knew, and what came of it; while one is open nothing is printed",
    )
    op.create_index(
        "open_recovery",
        "recovery",
        ["office"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "journal_told",
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("backbone.now()"), nullable=False),
        sa.ForeignKeyConstraint(["station"], ["station.id"], name=op.f("journal_told_station_fkey")),
        sa.PrimaryKeyConstraint("station", name=op.f("journal_told_pkey")),
        comment="the last epoch for which a station told its journal whole",
    )
    op.create_table(
        "journal",
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=True),
        sa.Column("receipt_number", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.Uuid(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("merged", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["station"], ["station.id"], name=op.f("journal_station_fkey")),
        sa.PrimaryKeyConstraint("station", "attempt_id", name=op.f("journal_pkey")),
        comment="a station's journal as it told it; `merged` is what it meant for the attempt",
    )
    op.create_index(op.f("journal_attempt_id_idx"), "journal", ["attempt_id"])
    op.add_column("station", sa.Column("process", sa.Uuid(), nullable=True))
    op.add_column(
        "attempt", sa.Column("recovered", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    # Several cards found after a restore may wait for a person's look at one station.
    op.drop_index("one_at_the_printer", table_name="attempt")
    op.create_index(
        "one_at_the_printer",
        "attempt",
        ["station"],
        unique=True,
        postgresql_where=sa.text("state IN ('armed', 'uncertain') AND NOT recovered"),
    )


def downgrade() -> None:
    op.drop_index("one_at_the_printer", table_name="attempt")
    op.create_index(
        "one_at_the_printer",
        "attempt",
        ["station"],
        unique=True,
        postgresql_where=sa.text("state IN ('armed', 'uncertain')"),
    )
    op.drop_column("attempt", "recovered")
    op.drop_column("station", "process")
    op.drop_table("journal")
    op.drop_table("journal_told")
    op.drop_table("recovery")
