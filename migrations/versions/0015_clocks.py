"""Clocks of tickets, reminders, days of the working calendar; procrastinate's own tables, as its pin brings them."""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"

_GRANTS = """
GRANT USAGE ON SCHEMA procrastinate TO geoapp_bulk;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA procrastinate TO geoapp_bulk;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA procrastinate TO geoapp_bulk;
"""


def upgrade() -> None:
    run = op.get_bind().exec_driver_sql
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    run("CREATE SCHEMA procrastinate; SET LOCAL search_path TO procrastinate")
    run(Path(__file__).with_name("0015_procrastinate.sql").read_text(encoding="utf-8").replace("%", "%%"))
    run("SET LOCAL search_path TO DEFAULT")
    run(_GRANTS)


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "DROP SCHEMA procrastinate CASCADE; DROP TABLE geoapp.clock, geoapp.reminder, geoapp.calendar_day"
    )
