"""Offices that share an account take turns; calendars may follow each office's own time zone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("turn", sa.Float(), server_default=sa.text("0"), nullable=False))
    op.add_column("request", sa.Column("turn", sa.Float(), server_default=sa.text("0"), nullable=False))
    op.drop_index("request_account_position_idx", table_name="request")
    op.create_index(
        op.f("request_account_turn_position_idx"), "request", ["account", "turn", "position"], unique=False
    )
    op.create_index(
        op.f("request_account_office_turn_idx"), "request", ["account", "office", "turn"], unique=False
    )
    op.add_column(
        "calendar", sa.Column("local", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("calendar", "local")
    op.drop_index(op.f("request_account_office_turn_idx"), table_name="request")
    op.drop_index(op.f("request_account_turn_position_idx"), table_name="request")
    op.create_index("request_account_position_idx", "request", ["account", "position"], unique=False)
    op.drop_column("request", "turn")
    op.drop_column("account", "turn")
