"""A day's releases are found by its moments: the proof of what claims got, and the past that a policy is tried on."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("release_log_office_stage_id_idx", "release_log")
    op.create_index("release_log_office_stage_at_idx", "release_log", ["office", "stage", "at"])


def downgrade() -> None:
    op.drop_index("release_log_office_stage_at_idx", "release_log")
    op.create_index("release_log_office_stage_id_idx", "release_log", ["office", "stage", "id"])
