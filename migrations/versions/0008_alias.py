"""Names kept by hand: what people call a place that no layer calls so."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "DROP TABLE geoapp.alias; DROP INDEX geoapp.ix_event_waiting; DROP INDEX geoapp.ix_report_by_words; "
        "REVOKE UPDATE (site_id) ON geoapp.repair FROM geoapp_web"
    )
