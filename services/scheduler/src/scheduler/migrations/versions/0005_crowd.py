"""Counts of the waiting by month, so that a place and a summary read few rows; indexes for them and for the queue's pages."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crowd",
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.CheckConstraint("grain IN ('all', 'month', 'day')", name=op.f("crowd_grain_check")),
        comment="the waiting ones of headcount summed up: by lane in all and by month, by kind (district '') by month and day",
    )
    op.create_index(
        "crowd_key",
        "crowd",
        ["office", "grain", "kind", "district", "start"],
        unique=True,
        postgresql_include=["n"],
    )
    # Balances that change all day: room on the page lets them change in place.
    op.execute("ALTER TABLE crowd SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)")
    op.execute("ALTER TABLE headcount SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)")
    op.execute(
        "INSERT INTO crowd SELECT office, x.grain, kind, x.district, x.start, sum(n) "
        "FROM headcount CROSS JOIN LATERAL (VALUES (district, 'all', '-infinity'::date), "
        "(district, 'month', day - extract(day FROM day)::int + 1), "
        "('', 'month', day - extract(day FROM day)::int + 1), ('', 'day', day)) x(district, grain, start) "
        "WHERE state = 'waiting' GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0"
    )
    lane = ["office", "kind", "district", "ranked_from", "id"]
    op.drop_index("lane_order", "application")
    for name, state in (("lane_order", "waiting"), ("approved_order", "approved")):
        op.create_index(
            name, "application", lane, unique=False, postgresql_where=sa.text(f"state = '{state}'")
        )
    op.create_index(
        "kind_order",
        "application",
        ["office", "kind", "ranked_from", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index("listing", "application")
    op.create_index("listing", "application", ["office", "state", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("listing", "application")
    op.create_index("listing", "application", ["office", "id"], unique=False)
    op.drop_index("kind_order", "application")
    op.drop_index("approved_order", "application")
    op.drop_index("lane_order", "application")
    op.create_index(
        "lane_order",
        "application",
        ["office", "state", "kind", "district", "ranked_from", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'approved')"),
    )
    op.drop_table("crowd")
