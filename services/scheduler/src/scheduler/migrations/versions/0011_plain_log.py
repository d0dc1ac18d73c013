"""Half of a release log is ids, which no compression makes smaller: to try cost a large release a third of its log's time."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE release_log ALTER COLUMN log SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.execute("ALTER TABLE release_log ALTER COLUMN log SET STORAGE EXTENDED")
