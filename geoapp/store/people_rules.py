"""What guards accounts beyond their tables: whose rows a transaction sees, and the few doors through that wall.

A transaction says by `store.acting` as whom it acts. Before that is known, functions that run as the owner answer one
question each: who a shown secret belongs to. A password's digest is read through `private.door` alone.

Who keeps the people of some cities sees the accounts that hold, or held, a role there; what would change an account as
a whole (its data, its ways in) is theirs only where no role in force reaches beyond these cities.
"""

from __future__ import annotations

from typing import Final

from geoapp.store.wall_rules import AS_OWNER as _AS_OWNER
from geoapp.store.wall_rules import ME, READS_LOG

# After SET LOCAL ends, a custom setting is the empty string, not null: hence nullif in all of these.
MANAGES: Final = "current_setting('geoapp.manages_people', true) = 'on'"
CITIES: Final = "ANY ((SELECT geoapp.cities_of('geoapp.manages_people'))::smallint[])"
OF_UNITS: Final = (
    "current_setting('geoapp.manages_units', true) = 'on' "
    "OR city_id = ANY ((SELECT geoapp.cities_of('geoapp.manages_units'))::smallint[])"
)
# A deed about neither an account nor a unit is one about the lists of a city.
OF_LISTS: Final = (
    "account_id IS NULL AND unit_id IS NULL AND (current_setting('geoapp.manages_lists', true) = 'on' "
    "OR city_id = ANY ((SELECT geoapp.cities_of('geoapp.manages_lists'))::smallint[]))"
)
# Asked once a statement, not once a row.
SEEN: Final = "ANY ((SELECT private.accounts_seen())::integer[])"
KEPT: Final = "ANY ((SELECT private.accounts_kept())::integer[])"

TABLES: Final = ("account", "role_held", "session", "link", "token", "look", "deed")

_OWN: Final = f"account_id = {ME} OR {MANAGES} OR account_id = {KEPT}"
_SOME_CITY: Final = "cardinality(geoapp.cities_of('geoapp.manages_people')) > 0"

POLICIES: Final = (
    f"CREATE POLICY read ON private.account FOR SELECT USING (id = {ME} OR {MANAGES} OR id = {SEEN})",
    f"CREATE POLICY change ON private.account FOR UPDATE USING (id = {ME} OR {MANAGES} OR id = {KEPT})",
    f"CREATE POLICY make ON private.account FOR INSERT WITH CHECK ({MANAGES} OR {_SOME_CITY})",
    f"CREATE POLICY read ON private.role_held FOR SELECT USING (account_id = {ME} OR {MANAGES} OR account_id = {SEEN})",
    f"CREATE POLICY make ON private.role_held FOR INSERT WITH CHECK ({MANAGES} OR city_id = {CITIES})",
    f"CREATE POLICY change ON private.role_held FOR UPDATE USING ({MANAGES} OR city_id = {CITIES})",
    f"CREATE POLICY own ON private.session USING ({_OWN})",
    f"CREATE POLICY own ON private.link USING ({_OWN})",
    f"CREATE POLICY own ON private.token USING ({_OWN})",
    f"CREATE POLICY note ON private.look FOR INSERT WITH CHECK (account_id = {ME})",
    f"CREATE POLICY read ON private.look FOR SELECT USING (account_id = {ME} OR {READS_LOG})",
    # Nobody notes a deed as somebody else's.
    f"CREATE POLICY note ON private.deed FOR INSERT WITH CHECK (by_id IS NOT DISTINCT FROM {ME} AND "
    f"({MANAGES} OR {_SOME_CITY} OR unit_id IS NOT NULL AND ({OF_UNITS}) OR {OF_LISTS}))",
    "CREATE POLICY read ON private.deed FOR SELECT USING ("
    f"{MANAGES} OR account_id = {SEEN} AND (city_id IS NULL OR city_id = {CITIES}) "
    f"OR unit_id IS NOT NULL AND ({OF_UNITS}) OR {OF_LISTS})",
    # Everybody may know the units. One that a report names, and nobody has said more of, is made by filing it.
    "CREATE POLICY read ON geoapp.unit FOR SELECT USING (true)",
    f"CREATE POLICY make ON geoapp.unit FOR INSERT WITH CHECK (kind IS NULL OR {OF_UNITS})",
    f"CREATE POLICY change ON geoapp.unit FOR UPDATE USING ({OF_UNITS})",
)

# The unit first, then each above it; a tree bitten by its own tail ends after so many steps.
LINE: Final = """
    CREATE FUNCTION geoapp.unit_line(unit integer) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
    DECLARE
        line integer[] := '{}';
        next integer := unit;
        above integer;
    BEGIN
        FOR step IN 0..12 LOOP
            SELECT u.parent_id INTO above FROM geoapp.unit u WHERE u.id = next;
            EXIT WHEN NOT FOUND;
            line := line || next;
            next := above;
        END LOOP;
        RETURN line;
    END $$
"""

# The unit and all below it, each once.
_BELOW: Final = """
    CREATE FUNCTION geoapp.unit_below(unit integer) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
    BEGIN
        RETURN (
            WITH RECURSIVE down (id) AS (
                SELECT unit WHERE unit IS NOT NULL
                UNION
                SELECT u.id FROM down JOIN geoapp.unit u ON u.parent_id = down.id
            )
            SELECT coalesce(array_agg(id), '{}') FROM down
        );
    END $$
"""

_PERSON_COLUMNS: Final = (
    "account_id integer, login text, name text, language text, must_change boolean, demo boolean, holdings jsonb"
)

# The cities that a setting of a transaction names.
_CITIES_OF: Final = """
    CREATE FUNCTION geoapp.cities_of(setting text) RETURNS smallint[] LANGUAGE sql STABLE AS $$
        SELECT CASE WHEN left(current_setting(setting, true), 1) = '{' THEN current_setting(setting, true)::smallint[]
                    ELSE '{}' END
    $$
"""

BEFORE: Final = (
    _CITIES_OF,
    f"""
    CREATE FUNCTION private.accounts_seen() RETURNS integer[] LANGUAGE sql STABLE {_AS_OWNER} AS $$
        SELECT coalesce(array_agg(DISTINCT h.account_id), '{{}}') FROM private.role_held h
        WHERE h.city_id = ANY (geoapp.cities_of('geoapp.manages_people'))
    $$
    """,
    # A role held in all cities reaches beyond any. Of whoever holds none now, all that were ever held must be theirs:
    # a role that has lapsed may be given again.
    f"""
    CREATE FUNCTION private.accounts_kept() RETURNS integer[] LANGUAGE sql STABLE {_AS_OWNER} AS $$
        SELECT coalesce(array_agg(account_id), '{{}}') FROM (
            SELECT h.account_id FROM private.role_held h
            CROSS JOIN (SELECT geoapp.cities_of('geoapp.manages_people') AS cities) c
            GROUP BY h.account_id
            HAVING bool_and(coalesce(h.city_id = ANY (c.cities), false) OR coalesce(h.ends_at <= now(), false))
               AND coalesce(
                   bool_or(h.city_id = ANY (c.cities)) FILTER (WHERE h.ends_at IS NULL OR h.ends_at > now()),
                   bool_and(coalesce(h.city_id = ANY (c.cities), false)))
        ) found
    $$
    """,
)
"""What policies lean on."""

# Asked with each request: a function in SQL would be planned anew each time, one in PL/pgSQL keeps its plan.
FUNCTIONS: Final = (
    _BELOW,
    f"""
    CREATE FUNCTION private.person_row(wanted integer) RETURNS TABLE ({_PERSON_COLUMNS})
    LANGUAGE plpgsql STABLE {_AS_OWNER} AS $$
    #variable_conflict use_column
    BEGIN
        RETURN QUERY SELECT a.id, a.login, a.name, a.language, a.must_change, a.demo, coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'role', h.role, 'city_id', h.city_id, 'line', geoapp.unit_line(h.unit_id),
                'below', geoapp.unit_below(h.unit_id), 'area_keys', coalesce(u.area_keys, '{{}}')) ORDER BY h.id)
            FROM private.role_held h LEFT JOIN geoapp.unit u ON u.id = h.unit_id
            WHERE h.account_id = a.id AND h.began_at <= now() AND (h.ends_at IS NULL OR h.ends_at > now())
        ), '[]')
        FROM private.account a WHERE a.id = wanted AND a.active;
    END $$
    """,
    f"""
    CREATE FUNCTION private.person(wanted integer) RETURNS TABLE ({_PERSON_COLUMNS})
    LANGUAGE sql STABLE {_AS_OWNER} AS $$
        SELECT p.* FROM private.person_row(wanted) p WHERE wanted = {ME} OR {MANAGES} OR wanted = {SEEN}
    $$
    """,
    # Whoever makes accounts learns which logins there are; nothing else is told of them.
    f"""
    CREATE FUNCTION private.login_taken(wanted text) RETURNS boolean LANGUAGE sql STABLE {_AS_OWNER} AS $$
        SELECT ({MANAGES} OR {_SOME_CITY}) AND EXISTS (SELECT FROM private.account a WHERE a.login = wanted)
    $$
    """,
    # The cities that have an administrator who can enter; null stands for whoever is one of all cities.
    f"""
    CREATE FUNCTION private.administered() RETURNS TABLE (city_id smallint) LANGUAGE sql STABLE {_AS_OWNER} AS $$
        SELECT DISTINCT h.city_id FROM private.role_held h JOIN private.account a ON a.id = h.account_id
        WHERE h.role = 'administrator' AND a.active AND NOT a.demo
          AND (a.password IS NOT NULL OR a.subject IS NOT NULL)
          AND h.began_at <= now() AND (h.ends_at IS NULL OR h.ends_at > now())
    $$
    """,
    f"""
    CREATE FUNCTION private.person_of_session(shown bytea, idle interval)
    RETURNS TABLE ({_PERSON_COLUMNS}, session_id bigint, seen_at timestamptz)
    LANGUAGE plpgsql STABLE {_AS_OWNER} AS $$
    #variable_conflict use_column
    BEGIN
        RETURN QUERY SELECT p.*, s.id, s.seen_at FROM private.session s
        CROSS JOIN LATERAL private.person_row(s.account_id) p
        WHERE s.digest = shown AND s.ends_at > now() AND s.seen_at > now() - idle;
    END $$
    """,
    f"""
    CREATE FUNCTION private.person_of_token(shown bytea)
    RETURNS TABLE ({_PERSON_COLUMNS}, token_id integer, scopes text[], used_at timestamptz)
    LANGUAGE plpgsql STABLE {_AS_OWNER} AS $$
    #variable_conflict use_column
    BEGIN
        RETURN QUERY SELECT p.*, t.id, t.scopes, t.used_at FROM private.token t
        CROSS JOIN LATERAL private.person_row(t.account_id) p
        WHERE t.digest = shown AND t.ends_at > now();
    END $$
    """,
    f"""
    CREATE FUNCTION private.door(shown text)
    RETURNS TABLE (account_id integer, login text, name text, password text, totp text)
    LANGUAGE sql STABLE {_AS_OWNER} AS $$
        SELECT a.id, a.login, a.name, a.password, a.totp FROM private.account a
        WHERE a.login = shown AND a.active AND NOT a.demo
    $$
    """,
    f"""
    CREATE FUNCTION private.account_of_link(shown bytea) RETURNS TABLE (account_id integer, login text, name text)
    LANGUAGE sql STABLE {_AS_OWNER} AS $$
        SELECT a.id, a.login, a.name FROM private.link l JOIN private.account a ON a.id = l.account_id
        WHERE l.digest = shown AND l.ends_at > now() AND a.active AND NOT a.demo
    $$
    """,
    # An address that two accounts share leads to neither.
    f"""
    CREATE FUNCTION private.account_of_email(shown text) RETURNS TABLE (account_id integer, language text)
    LANGUAGE sql STABLE {_AS_OWNER} AS $$
        SELECT min(a.id), min(a.language) FROM private.account a
        WHERE lower(a.email) = lower(shown) AND a.email <> '' AND a.active AND NOT a.demo HAVING count(*) = 1
    $$
    """,
    f"""
    CREATE FUNCTION private.account_of_subject(shown text) RETURNS TABLE (account_id integer)
    LANGUAGE sql STABLE {_AS_OWNER} AS $$
        SELECT a.id FROM private.account a WHERE a.subject = shown AND a.active AND NOT a.demo
    $$
    """,
    f"""
    CREATE FUNCTION private.demo_account(shown text) RETURNS TABLE (account_id integer)
    LANGUAGE sql STABLE {_AS_OWNER} AS $$
        SELECT a.id FROM private.account a WHERE a.login = shown AND a.active AND a.demo
    $$
    """,
    f"""
    CREATE FUNCTION private.forget_over() RETURNS bigint LANGUAGE sql {_AS_OWNER} AS $$
        WITH gone AS (
            DELETE FROM private.session WHERE ends_at < now() RETURNING 1
        ), past AS (
            DELETE FROM private.link WHERE ends_at < now() RETURNING 1
        )
        SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM past)
    $$
    """,
    """
    CREATE TRIGGER look_append_only BEFORE UPDATE OR DELETE ON private.look
    FOR EACH ROW EXECUTE FUNCTION geoapp.refuse_change()
    """,
    """
    CREATE TRIGGER look_no_truncate BEFORE TRUNCATE ON private.look
    FOR EACH STATEMENT EXECUTE FUNCTION geoapp.refuse_change()
    """,
    """
    CREATE TRIGGER deed_append_only BEFORE UPDATE OR DELETE ON private.deed
    FOR EACH ROW EXECUTE FUNCTION geoapp.refuse_change()
    """,
    """
    CREATE TRIGGER deed_no_truncate BEFORE TRUNCATE ON private.deed
    FOR EACH STATEMENT EXECUTE FUNCTION geoapp.refuse_change()
    """,
)

_TO_WEB: Final = (
    "private.person(integer)",
    "private.person_of_session(bytea, interval)",
    "private.person_of_token(bytea)",
    "private.door(text)",
    "private.account_of_link(bytea)",
    "private.account_of_email(text)",
    "private.account_of_subject(text)",
    "private.demo_account(text)",
    "private.accounts_seen()",
    "private.accounts_kept()",
    "private.administered()",
    "private.login_taken(text)",
)
_TO_NOBODY: Final = ("private.person_row(integer)",)
_TO_BULK: Final = ("private.forget_over()",)

_CHANGED: Final = "name, email, phone, language, active, must_change, totp, totp_step, recovery, subject, entered_at"

GRANTS: Final = (
    f"REVOKE ALL ON FUNCTION {', '.join((*_TO_WEB, *_TO_NOBODY, *_TO_BULK))} FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {', '.join(_TO_WEB)} TO geoapp_web",
    f"GRANT EXECUTE ON FUNCTION {', '.join(_TO_BULK)} TO geoapp_bulk",
    f"GRANT SELECT (id, login, demo, made_at, {_CHANGED}) ON private.account TO geoapp_web",
    f"GRANT INSERT (login, demo, password, {_CHANGED}) ON private.account TO geoapp_web",
    f"GRANT UPDATE (password, {_CHANGED}) ON private.account TO geoapp_web",
    "GRANT SELECT, INSERT ON private.role_held, private.session, private.link, private.token, private.look "
    "TO geoapp_web",
    "GRANT SELECT, INSERT ON private.deed TO geoapp_web",
    "GRANT UPDATE (ends_at) ON private.role_held TO geoapp_web",
    "GRANT UPDATE (seen_at) ON private.session TO geoapp_web",
    "GRANT UPDATE (used_at, ends_at) ON private.token TO geoapp_web",
    "GRANT DELETE ON private.session, private.link TO geoapp_web",
    "GRANT UPDATE (names, kind, parent_id, area_keys, duty, contacts, fallback_id, active) ON geoapp.unit "
    "TO geoapp_web",
)

RULES: Final = (
    *(f"ALTER TABLE private.{name} ENABLE ROW LEVEL SECURITY" for name in TABLES),
    "ALTER TABLE geoapp.unit ENABLE ROW LEVEL SECURITY",
    *BEFORE,
    *POLICIES,
    *FUNCTIONS,
)
