"""The spine: everything the first release keeps.

The SQL beside this file is frozen: a later release adds a revision, it does not edit this one.
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("the first revision has nothing before it; restore a backup instead")
