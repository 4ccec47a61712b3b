"""Which tickets each transaction changed, noted by triggers."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "DROP FUNCTION geoapp.note_changes() CASCADE; DROP FUNCTION geoapp.note_names() CASCADE; "
        "DROP TABLE geoapp.ticket_change"
    )
