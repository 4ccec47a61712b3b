"""Who handles a report goes with it from ticket to ticket; reminders to be mailed are found by when they were made."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("functions of 0016 know nothing of tickets that were joined")
