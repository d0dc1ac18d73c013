"""The heads of the lanes are read from their index alone; what `listing` finds too needs no index of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LANE = ["office", "kind", "district", "ranked_from", "id"]
WAITING, APPROVED = sa.text("state = 'waiting'"), sa.text("state = 'approved'")


def upgrade() -> None:
    op.drop_index("in_flight", "application")
    op.drop_index("lane_order", "application")
    op.drop_index("approved_order", "application")
    op.create_index(
        "lane_order", "application", LANE, postgresql_include=["frozen_by"], postgresql_where=WAITING
    )
    op.create_index(
        "approved_order",
        "application",
        LANE,
        postgresql_include=["frozen_by", "approved_until"],
        postgresql_where=APPROVED,
    )


def downgrade() -> None:
    op.drop_index("approved_order", "application")
    op.drop_index("lane_order", "application")
    op.create_index("lane_order", "application", LANE, postgresql_where=WAITING)
    op.create_index("approved_order", "application", LANE, postgresql_where=APPROVED)
    op.create_index(
        "in_flight",
        "application",
        ["office", "state"],
        postgresql_where=sa.text("state IN ('verifying', 'approved', 'printing')"),
    )
