"""Rulings taken up by batches, drafts released, gaps between duties decided, and deeds about lists."""

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"

_MANAGES = "current_setting('geoapp.manages_people', true) = 'on'"
_OF_PEOPLE = "ANY ((SELECT geoapp.cities_of('geoapp.manages_people'))::smallint[])"
_OF_UNITS = (
    "unit_id IS NOT NULL AND (current_setting('geoapp.manages_units', true) = 'on' "
    "OR city_id = ANY ((SELECT geoapp.cities_of('geoapp.manages_units'))::smallint[]))"
)


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "DROP POLICY note ON private.deed; DROP POLICY read ON private.deed;"
        "CREATE POLICY note ON private.deed FOR INSERT WITH CHECK ("
        "by_id IS NOT DISTINCT FROM nullif(current_setting('geoapp.account', true), '')::integer AND "
        f"({_MANAGES} OR cardinality(geoapp.cities_of('geoapp.manages_people')) > 0 OR {_OF_UNITS}));"
        f"CREATE POLICY read ON private.deed FOR SELECT USING ({_MANAGES} OR "
        "account_id = ANY ((SELECT private.accounts_seen())::integer[]) "
        f"AND (city_id IS NULL OR city_id = {_OF_PEOPLE}) OR {_OF_UNITS});"
        "DROP INDEX geoapp.ix_list_proposal_open, geoapp.ix_consultation_city_id_id;"
        "ALTER TABLE geoapp.consultation DROP COLUMN settled_by, DROP COLUMN decision;"
        "ALTER TABLE geoapp.list_proposal DROP COLUMN batch_id;"
        "ALTER TABLE geoapp.list_batch DROP COLUMN released_at"
    )
