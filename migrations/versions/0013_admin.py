"""Who keeps people and units of which cities, when an account was last entered, and the log of what was done."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"

_MANAGES = "current_setting('geoapp.manages_people', true) = 'on'"
_ME = "nullif(current_setting('geoapp.account', true), '')::integer"
_OWN = f"account_id = {_ME} OR {_MANAGES}"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "DROP TABLE private.deed;"
        "ALTER TABLE geoapp.unit DISABLE ROW LEVEL SECURITY;"
        "DROP POLICY read ON geoapp.unit; DROP POLICY make ON geoapp.unit; DROP POLICY change ON geoapp.unit;"
        "REVOKE UPDATE (names, kind, parent_id, area_keys, duty, contacts, fallback_id, active) ON geoapp.unit "
        "FROM geoapp_web;"
        "DROP POLICY read ON private.account; DROP POLICY change ON private.account;"
        "DROP POLICY make ON private.account;"
        "DROP POLICY read ON private.role_held; DROP POLICY make ON private.role_held;"
        "DROP POLICY change ON private.role_held; DROP POLICY own ON private.session;"
        "DROP POLICY own ON private.link; DROP POLICY own ON private.token;"
        f"CREATE POLICY read ON private.account FOR SELECT USING (id = {_ME} OR {_MANAGES});"
        f"CREATE POLICY change ON private.account FOR UPDATE USING (id = {_ME} OR {_MANAGES});"
        f"CREATE POLICY make ON private.account FOR INSERT WITH CHECK ({_MANAGES});"
        f"CREATE POLICY read ON private.role_held FOR SELECT USING ({_OWN});"
        f"CREATE POLICY make ON private.role_held FOR INSERT WITH CHECK ({_MANAGES});"
        f"CREATE POLICY change ON private.role_held FOR UPDATE USING ({_MANAGES});"
        f"CREATE POLICY own ON private.session USING ({_OWN});"
        f"CREATE POLICY own ON private.link USING ({_OWN});"
        f"CREATE POLICY own ON private.token USING ({_OWN});"
        "CREATE OR REPLACE FUNCTION private.person(wanted integer) RETURNS TABLE (account_id integer, login text, "
        "name text, language text, must_change boolean, demo boolean, holdings jsonb) LANGUAGE sql STABLE "
        "SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ "
        f"SELECT p.* FROM private.person_row(wanted) p WHERE wanted = {_ME} OR {_MANAGES} $$;"
        "DROP FUNCTION private.login_taken(text), private.administered(), private.accounts_kept(), "
        "private.accounts_seen(), geoapp.cities_of(text);"
        "ALTER TABLE private.account DROP COLUMN entered_at"
    )
