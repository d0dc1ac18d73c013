"""Only closed cases need an index of their own by person: the open one has `one_open_case`."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In this order nobody who only reads waits for the new index.
    op.create_index("history", "application", ["person_hash"], postgresql_where=sa.text("NOT open"))
    op.drop_index("person_history", "application")
    op.execute("ALTER INDEX history RENAME TO person_history")


def downgrade() -> None:
    op.create_index("history", "application", ["person_hash"])
    op.drop_index("person_history", "application")
    op.execute("ALTER INDEX history RENAME TO person_history")
