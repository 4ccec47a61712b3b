"""The second wall: the database itself decides who reads what is private of a report, whatever a page forgot to ask.

A transaction says only as whom it acts (store/acting.py). Functions that run as the owner find out the rest: the roles
held now, what these allow (private.role_right, the copy of people/rights.py), the units that handle the report, did or
are likely to, its areas and its kind. tests/store/test_wall.py holds the answer against that of rights.may.
"""

from __future__ import annotations

from typing import Final

ME: Final = "nullif(current_setting('geoapp.account', true), '')::integer"
SCOPES: Final = "nullif(current_setting('geoapp.scopes', true), '')::text[]"
AS_OWNER: Final = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

TABLES: Final = ("reporter", "original", "post", "rejected", "filed", "role_right")

_IN_FORCE: Final = "a.active AND h.began_at <= now() AND (h.ends_at IS NULL OR h.ends_at > now())"

# Whoever handles it now, the lead first; if `ever`, also every unit it was with, or was said to be for: who denounced
# stays hidden from a unit that has passed the case on, too, and from those of the tickets that its ticket was joined
# with, split from or opened after. An event names a unit by its code or by its key.
_CONCERNED: Final = """
    CREATE FUNCTION geoapp.units_of_report(report bigint, ever boolean) RETURNS TABLE (unit integer, rank integer)
    LANGUAGE sql STABLE AS $$
        SELECT w.unit, min(w.rank) FROM (
            SELECT k.unit_id, 0 FROM geoapp.report r JOIN geoapp.ticket k ON k.id = r.ticket_id WHERE r.id = report
            UNION ALL SELECT r.unit_id, 1 FROM geoapp.report r WHERE r.id = report
            UNION ALL SELECT unnest(p.assisting || p.unit_id), 1
                FROM geoapp.report r JOIN geoapp.repair p ON p.ticket_id = r.ticket_id WHERE r.id = report
            UNION ALL SELECT a.unit_id, 1
                FROM geoapp.report r JOIN geoapp.assisting a ON a.ticket_id = r.ticket_id WHERE r.id = report
            UNION ALL SELECT u.id, 2 FROM geoapp.report r CROSS JOIN LATERAL (
                    WITH RECURSIVE trail (id) AS (
                        SELECT r.ticket_id UNION
                        SELECT CASE l.kind WHEN 'merged' THEN l.ticket_id ELSE l.other_id END
                        FROM trail t JOIN geoapp.ticket_link l ON (l.kind = 'merged' AND l.other_id = t.id)
                            OR (l.kind IN ('split', 'after') AND l.ticket_id = t.id)
                    ) SELECT id FROM trail
                ) came JOIN geoapp.event e ON e.ticket_id = came.id
                CROSS JOIN LATERAL (
                    SELECT e.codes ->> one FROM unnest('{unit,proposal,owner}'::text[]) one
                    UNION ALL SELECT jsonb_array_elements_text(e.codes -> one)
                    FROM unnest('{assisting,units}'::text[]) one WHERE jsonb_typeof(e.codes -> one) = 'array'
                ) named (code)
                CROSS JOIN LATERAL (
                    SELECT o.id FROM geoapp.unit o WHERE o.city_id = r.city_id AND o.code = named.code
                    UNION ALL SELECT o.id FROM geoapp.unit o WHERE o.city_id = r.city_id
                        AND o.id = CASE WHEN named.code ~ '^[0-9]{1,9}$' THEN named.code::integer END
                ) u WHERE r.id = report AND ever
        ) w (unit, rank) WHERE w.unit IS NOT NULL GROUP BY w.unit
    $$
"""

_ABOUT: Final = """
    CREATE FUNCTION geoapp.about_report(report bigint)
    RETURNS TABLE (city_id smallint, kind text, ticket_id bigint, area_keys integer[]) LANGUAGE sql STABLE AS $$
        SELECT r.city_id, CASE WHEN 'denunciation' IN (r.kind, k.kind) THEN 'denunciation' ELSE r.kind END, k.id,
               coalesce(k.area_keys, '{}')
        FROM geoapp.report r LEFT JOIN geoapp.ticket k ON k.id = r.ticket_id WHERE r.id = report
    $$
"""

# A policy asks this once a row, and a session asks seldom: plpgsql keeps plans, made once and for all values.
_KEPT_PLANS: Final = f"LANGUAGE plpgsql STABLE {AS_OWNER} SET plan_cache_mode = force_generic_plan"

_MAY_READ: Final = f"""
    CREATE FUNCTION private.may_read(report bigint) RETURNS boolean {_KEPT_PLANS} AS $$
    DECLARE
        me constant integer := {ME};
        scopes constant text[] := {SCOPES};
        about record;
        wanted text;
        handling integer[];
    BEGIN
        IF me IS NULL THEN
            RETURN false;
        END IF;
        SELECT * INTO about FROM geoapp.about_report(report);
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        wanted := CASE WHEN about.kind = 'denunciation' THEN 'see_denouncer' ELSE 'see_private' END;
        IF scopes IS NOT NULL AND NOT wanted = ANY (scopes) THEN
            RETURN false;
        END IF;
        IF about.kind = 'denunciation' AND private.is_of_the_unit(me, report, about.area_keys) THEN
            RETURN false;
        END IF;
        handling := ARRAY(SELECT unnest(geoapp.unit_line(w.unit)) FROM geoapp.units_of_report(report, false) w);
        RETURN EXISTS (
            SELECT FROM private.role_held h JOIN private.account a ON a.id = h.account_id
            JOIN private.role_right t ON t.role = h.role AND t.action = wanted
            LEFT JOIN geoapp.unit u ON u.id = h.unit_id
            WHERE h.account_id = me AND {_IN_FORCE} AND (h.city_id IS NULL OR h.city_id = about.city_id)
            AND CASE t.scope
                WHEN 'city' THEN true
                WHEN 'own' THEN EXISTS (
                    SELECT FROM private.filed f WHERE f.report_id = report AND f.account_id = me)
                WHEN 'unit' THEN h.unit_id = ANY (handling)
                WHEN 'area' THEN h.unit_id = ANY (handling) OR u.area_keys && about.area_keys
            END);
    END $$
"""

# Of a unit that handles it, did or is likely to, or of one above or below such a one; of any unit at all, while nobody
# knows in whose area it lies. Whatever other role they hold, in whatever city.
_OF_THE_UNIT: Final = f"""
    CREATE FUNCTION private.is_of_the_unit(me integer, report bigint, areas integer[]) RETURNS boolean
    {_KEPT_PLANS} AS $$
    DECLARE
        heads constant integer[] := ARRAY(SELECT w.unit FROM geoapp.units_of_report(report, true) w);
        lines constant integer[] := ARRAY(SELECT unnest(geoapp.unit_line(w.unit)) FROM unnest(heads) w (unit));
    BEGIN
        RETURN EXISTS (
            SELECT FROM private.role_held h JOIN private.account a ON a.id = h.account_id
            JOIN geoapp.unit u ON u.id = h.unit_id
            WHERE h.account_id = me AND {_IN_FORCE} AND (
                areas = '{{}}' OR u.area_keys && areas OR h.unit_id = ANY (lines)
                OR geoapp.unit_line(h.unit_id) && heads));
    END $$
"""

_CITIES: Final = f"""
    CREATE FUNCTION private.cities_where(wanted text) RETURNS smallint[] LANGUAGE sql STABLE {AS_OWNER} AS $$
        SELECT coalesce(array_agg(DISTINCT c.id), '{{}}') FROM private.role_held h
        JOIN private.account a ON a.id = h.account_id
        JOIN private.role_right t ON t.role = h.role AND t.action = wanted AND t.scope = 'city'
        JOIN geoapp.city c ON h.city_id IS NULL OR c.id = h.city_id
        WHERE h.account_id = {ME} AND {_IN_FORCE} AND ({SCOPES} IS NULL OR wanted = ANY ({SCOPES}))
    $$
"""

# The log bears names: only here are they told to somebody who does not keep people.
_LOOKS: Final = f"""
    CREATE FUNCTION private.looks_in(
        city smallint, report bigint, whose text, before bigint, played boolean, most integer
    ) RETURNS TABLE (
        at timestamptz, login text, name text, report_id bigint, what text, why text, refused boolean,
        id bigint, ticket text, public boolean
    )
    LANGUAGE sql STABLE {AS_OWNER} AS $$
        SELECT k.at, a.login, a.name, k.report_id, k.what, k.why, k.refused, k.id, t.number, coalesce(t.public, false)
        FROM private.look k JOIN private.account a ON a.id = k.account_id
        LEFT JOIN geoapp.report r ON r.id = k.report_id LEFT JOIN geoapp.ticket t ON t.id = r.ticket_id
        WHERE k.city_id = city AND city = ANY (private.cities_where('see_log'))
        AND (report IS NULL OR k.report_id = report) AND (whose IS NULL OR a.login = whose)
        AND (before IS NULL OR k.id < before) AND (a.demo OR NOT played) ORDER BY k.id DESC LIMIT most
    $$
"""

FUNCTIONS: Final = (_CONCERNED, _ABOUT, _OF_THE_UNIT, _MAY_READ, _CITIES, _LOOKS)

# Cast, for ANY to see an array and not a query to be run for each row.
READS_LOG: Final = "city_id = ANY ((SELECT private.cities_where('see_log'))::smallint[])"
_KEEPS_LISTS: Final = "city_id = ANY ((SELECT private.cities_where('manage_lists'))::smallint[])"

_BY_REPORT: Final = ("reporter", "original", "post")

POLICIES: Final = (
    *(f"CREATE POLICY read ON private.{name} FOR SELECT USING (private.may_read(report_id))" for name in _BY_REPORT),
    *(f"CREATE POLICY file ON private.{name} FOR INSERT WITH CHECK (true)" for name in _BY_REPORT),
    f"CREATE POLICY read ON private.rejected FOR SELECT USING ({_KEEPS_LISTS})",
    f"CREATE POLICY read ON private.filed FOR SELECT USING (account_id = {ME} OR private.may_read(report_id))",
    f"CREATE POLICY file ON private.filed FOR INSERT WITH CHECK (account_id = {ME})",
)

_TO_WEB: Final = (
    "private.may_read(bigint)",
    "private.cities_where(text)",
    "private.looks_in(smallint, bigint, text, bigint, boolean, integer)",
)
_TO_NOBODY: Final = ("private.is_of_the_unit(integer, bigint, integer[])",)

GRANTS: Final = (
    f"REVOKE ALL ON FUNCTION {', '.join((*_TO_WEB, *_TO_NOBODY))} FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {', '.join(_TO_WEB)} TO geoapp_web",
    "GRANT SELECT ON private.rejected TO geoapp_web",
    "GRANT SELECT, INSERT ON private.reporter, private.original, private.post, private.filed TO geoapp_web",
    # Bulk work writes what sources bring and reads none of it again; of accounts it knows nothing.
    "GRANT INSERT ON private.reporter, private.original, private.post TO geoapp_bulk",
    "GRANT SELECT, INSERT, UPDATE (settled_at) ON private.rejected TO geoapp_bulk",
)

RULES: Final = (
    *(f"ALTER TABLE private.{name} ENABLE ROW LEVEL SECURITY" for name in TABLES),
    *FUNCTIONS,
    *POLICIES,
)
