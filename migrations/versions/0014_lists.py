"""The three lists in numbered batches; matters with their standards, times and the day they were retired."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "DROP VIEW geoapp.list_valid; DROP TABLE geoapp.list_line, geoapp.list_batch; "
        "ALTER TABLE geoapp.matter DROP COLUMN nature, DROP COLUMN filing_standard, DROP COLUMN closing_standard, "
        "DROP COLUMN minutes, DROP COLUMN retired_at; ALTER TABLE geoapp.category DROP COLUMN parent_id"
    )
