"""Indexes by time for the figures of a period, so that asking for one does not read the whole past."""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "DROP INDEX geoapp.ix_event_dispatched, geoapp.ix_event_settled, geoapp.ix_rating_rated_at"
    )
