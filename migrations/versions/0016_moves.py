"""Marks, links, assisting units, ratings, disputes and leads; what acting on a ticket says of its repair."""

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "DROP TABLE geoapp.lead, geoapp.consultation, geoapp.list_proposal, geoapp.dispute, geoapp.rating, "
        "geoapp.due_move, geoapp.assisting, geoapp.ticket_link, geoapp.ticket_mark;"
        "DROP INDEX geoapp.ix_repair_liable, geoapp.ix_repair_under_way;"
        "ALTER TABLE geoapp.repair DROP COLUMN geom, DROP COLUMN cost;"
        "REVOKE INSERT, UPDATE ON geoapp.repair FROM geoapp_web;"
        "GRANT UPDATE (site_id) ON geoapp.repair TO geoapp_web"
    )
