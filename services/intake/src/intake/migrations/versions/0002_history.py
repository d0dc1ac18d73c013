"""Only closed cases need an index of their own by person: the open one has `one_open_case`."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("person_history", "application")
    op.create_index("person_history", "application", ["person_hash"], postgresql_where=sa.text("NOT open"))


def downgrade() -> None:
    op.drop_index("person_history", "application")
    op.create_index("person_history", "application", ["person_hash"])
