"""Whole kinds are merged, and only a claim's lanes beside them: their cards are read from the index of their kind alone."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KIND = ["office", "kind", "ranked_from", "id"]
LANE = ["office", "kind", "district", "ranked_from", "id"]
WAITING, APPROVED = sa.text("state = 'waiting'"), sa.text("state = 'approved'")


def upgrade() -> None:
    op.drop_index("kind_order", "application")
    op.drop_index("approved_order", "application")
    op.drop_index("lane_order", "application")
    op.create_index(
        "kind_order",
        "application",
        KIND,
        postgresql_include=["district", "frozen_by"],
        postgresql_where=WAITING,
    )
    # Made anew, after the other: of two that look alike while the table is empty, the server takes the younger.
    op.create_index(
        "lane_order", "application", LANE, postgresql_include=["frozen_by"], postgresql_where=WAITING
    )
    op.create_index(
        "approved_order",
        "application",
        KIND,
        postgresql_include=["district", "frozen_by", "approved_until"],
        postgresql_where=APPROVED,
    )


def downgrade() -> None:
    op.drop_index("approved_order", "application")
    op.drop_index("kind_order", "application")
    op.create_index("kind_order", "application", KIND, postgresql_where=WAITING)
    op.create_index(
        "approved_order",
        "application",
        LANE,
        postgresql_include=["frozen_by", "approved_until"],
        postgresql_where=APPROVED,
    )
