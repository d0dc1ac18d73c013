"""Receipts never move: apart from the applications, they cost a card's moves nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("receipt", "application")
    op.create_table(
        "receipt",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("number", "application_id", name=op.f("receipt_pkey")),
        comment="whose a receipt is; apart, so that a card that moves writes one index less",
    )
    op.execute("INSERT INTO receipt SELECT receipt_number, id FROM application")


def downgrade() -> None:
    op.drop_table("receipt")
    op.create_index("receipt", "application", ["receipt_number"])
