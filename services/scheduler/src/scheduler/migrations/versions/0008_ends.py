"""The index of approvals by their ends serves whoever asks for ends alone: no plan may take it for a lane's approvals."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ASKED = "state = 'approved' AND approved_until > '-infinity'"


def upgrade() -> None:
    op.drop_index("approval_end", "application")
    op.create_index("approval_end", "application", ["approved_until"], postgresql_where=sa.text(ASKED))


def downgrade() -> None:
    op.drop_index("approval_end", "application")
    where = sa.text("state = 'approved'")
    op.create_index("approval_end", "application", ["approved_until"], postgresql_where=where)
