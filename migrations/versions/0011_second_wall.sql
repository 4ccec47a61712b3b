-- The second wall: the database decides who reads what is private; whose reports are; looks that were refused; frozen.

CREATE TABLE private.filed (
    report_id BIGINT NOT NULL,
    city_id SMALLINT NOT NULL,
    account_id INTEGER NOT NULL,
    CONSTRAINT pk_filed PRIMARY KEY (report_id),
    CONSTRAINT fk_filed_report_id FOREIGN KEY(report_id) REFERENCES geoapp.report (id),
    CONSTRAINT fk_filed_city_id FOREIGN KEY(city_id) REFERENCES geoapp.city (id),
    CONSTRAINT fk_filed_account_id FOREIGN KEY(account_id) REFERENCES private.account (id)
);

CREATE INDEX ix_filed_account_id_report_id ON private.filed (account_id, report_id);

CREATE TABLE private.role_right (
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    scope TEXT NOT NULL,
    CONSTRAINT pk_role_right PRIMARY KEY (role, action, scope)
);

ALTER TABLE private.look ADD COLUMN refused BOOLEAN DEFAULT 'false' NOT NULL;

ALTER TABLE private.filed ENABLE ROW LEVEL SECURITY;

ALTER TABLE private.role_right ENABLE ROW LEVEL SECURITY;

DROP POLICY read ON private.reporter;

DROP POLICY read ON private.original;

DROP POLICY read ON private.post;

DROP POLICY read ON private.rejected;

DROP POLICY file ON private.rejected;

DROP POLICY read ON private.look;

CREATE OR REPLACE FUNCTION geoapp.unit_line(unit integer) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
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
    END $$;

CREATE FUNCTION geoapp.units_of_report(report bigint, ever boolean) RETURNS TABLE (unit integer, rank integer)
    LANGUAGE sql STABLE AS $$
        SELECT w.unit, min(w.rank) FROM (
            SELECT k.unit_id, 0 FROM geoapp.report r JOIN geoapp.ticket k ON k.id = r.ticket_id WHERE r.id = report
            UNION ALL SELECT r.unit_id, 1 FROM geoapp.report r WHERE r.id = report
            UNION ALL SELECT unnest(p.assisting || p.unit_id), 1
                FROM geoapp.report r JOIN geoapp.repair p ON p.ticket_id = r.ticket_id WHERE r.id = report
            UNION ALL SELECT u.id, 2 FROM geoapp.report r JOIN geoapp.event e ON e.ticket_id = r.ticket_id
                CROSS JOIN LATERAL (VALUES (e.codes ->> 'unit'), (e.codes ->> 'proposal')) named (code)
                CROSS JOIN LATERAL (
                    SELECT o.id FROM geoapp.unit o WHERE o.city_id = r.city_id AND o.code = named.code
                    UNION ALL SELECT o.id FROM geoapp.unit o WHERE o.city_id = r.city_id
                        AND o.id = CASE WHEN named.code ~ '^[0-9]{1,9}$' THEN named.code::integer END
                ) u WHERE r.id = report AND ever
        ) w (unit, rank) WHERE w.unit IS NOT NULL GROUP BY w.unit
    $$;

CREATE FUNCTION geoapp.about_report(report bigint)
    RETURNS TABLE (city_id smallint, kind text, ticket_id bigint, area_keys integer[]) LANGUAGE sql STABLE AS $$
        SELECT r.city_id, CASE WHEN 'denunciation' IN (r.kind, k.kind) THEN 'denunciation' ELSE r.kind END, k.id,
               coalesce(k.area_keys, '{}')
        FROM geoapp.report r LEFT JOIN geoapp.ticket k ON k.id = r.ticket_id WHERE r.id = report
    $$;

CREATE FUNCTION private.is_of_the_unit(me integer, report bigint, areas integer[]) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
        heads constant integer[] := ARRAY(SELECT w.unit FROM geoapp.units_of_report(report, true) w);
        lines constant integer[] := ARRAY(SELECT unnest(geoapp.unit_line(w.unit)) FROM unnest(heads) w (unit));
    BEGIN
        RETURN EXISTS (
            SELECT FROM private.role_held h JOIN private.account a ON a.id = h.account_id
            JOIN geoapp.unit u ON u.id = h.unit_id
            WHERE h.account_id = me AND a.active AND h.began_at <= now() AND (h.ends_at IS NULL OR h.ends_at > now()) AND (
                areas = '{}' OR u.area_keys && areas OR h.unit_id = ANY (lines)
                OR geoapp.unit_line(h.unit_id) && heads));
    END $$;

CREATE FUNCTION private.may_read(report bigint) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
        me constant integer := nullif(current_setting('geoapp.account', true), '')::integer;
        scopes constant text[] := nullif(current_setting('geoapp.scopes', true), '')::text[];
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
            WHERE h.account_id = me AND a.active AND h.began_at <= now() AND (h.ends_at IS NULL OR h.ends_at > now()) AND (h.city_id IS NULL OR h.city_id = about.city_id)
            AND CASE t.scope
                WHEN 'city' THEN true
                WHEN 'own' THEN EXISTS (
                    SELECT FROM private.filed f WHERE f.report_id = report AND f.account_id = me)
                WHEN 'unit' THEN h.unit_id = ANY (handling)
                WHEN 'area' THEN h.unit_id = ANY (handling) OR u.area_keys && about.area_keys
            END);
    END $$;

CREATE FUNCTION private.cities_where(wanted text) RETURNS smallint[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        SELECT coalesce(array_agg(DISTINCT c.id), '{}') FROM private.role_held h
        JOIN private.account a ON a.id = h.account_id
        JOIN private.role_right t ON t.role = h.role AND t.action = wanted AND t.scope = 'city'
        JOIN geoapp.city c ON h.city_id IS NULL OR c.id = h.city_id
        WHERE h.account_id = nullif(current_setting('geoapp.account', true), '')::integer AND a.active AND h.began_at <= now() AND (h.ends_at IS NULL OR h.ends_at > now()) AND (nullif(current_setting('geoapp.scopes', true), '')::text[] IS NULL OR wanted = ANY (nullif(current_setting('geoapp.scopes', true), '')::text[]))
    $$;

CREATE FUNCTION private.looks_in(
        city smallint, report bigint, whose text, before bigint, played boolean, most integer
    ) RETURNS TABLE (
        at timestamptz, login text, name text, report_id bigint, what text, why text, refused boolean,
        id bigint, ticket text, public boolean
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        SELECT k.at, a.login, a.name, k.report_id, k.what, k.why, k.refused, k.id, t.number, coalesce(t.public, false)
        FROM private.look k JOIN private.account a ON a.id = k.account_id
        LEFT JOIN geoapp.report r ON r.id = k.report_id LEFT JOIN geoapp.ticket t ON t.id = r.ticket_id
        WHERE k.city_id = city AND city = ANY (private.cities_where('see_log'))
        AND (report IS NULL OR k.report_id = report) AND (whose IS NULL OR a.login = whose)
        AND (before IS NULL OR k.id < before) AND (a.demo OR NOT played) ORDER BY k.id DESC LIMIT most
    $$;

CREATE POLICY read ON private.reporter FOR SELECT USING (private.may_read(report_id));

CREATE POLICY read ON private.original FOR SELECT USING (private.may_read(report_id));

CREATE POLICY read ON private.post FOR SELECT USING (private.may_read(report_id));

CREATE POLICY read ON private.rejected FOR SELECT USING (city_id = ANY ((SELECT private.cities_where('manage_lists'))::smallint[]));

CREATE POLICY read ON private.filed FOR SELECT USING (account_id = nullif(current_setting('geoapp.account', true), '')::integer OR private.may_read(report_id));

CREATE POLICY file ON private.filed FOR INSERT WITH CHECK (account_id = nullif(current_setting('geoapp.account', true), '')::integer);

CREATE POLICY read ON private.look FOR SELECT USING (account_id = nullif(current_setting('geoapp.account', true), '')::integer OR city_id = ANY ((SELECT private.cities_where('see_log'))::smallint[]));

REVOKE SELECT, UPDATE, DELETE ON private.reporter, private.original, private.post FROM geoapp_bulk;

REVOKE UPDATE, DELETE ON private.rejected FROM geoapp_bulk;

GRANT UPDATE (settled_at) ON private.rejected TO geoapp_bulk;

REVOKE ALL ON FUNCTION private.may_read(bigint), private.cities_where(text), private.looks_in(smallint, bigint, text, bigint, boolean, integer), private.is_of_the_unit(integer, bigint, integer[]) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION private.may_read(bigint), private.cities_where(text), private.looks_in(smallint, bigint, text, bigint, boolean, integer) TO geoapp_web;

GRANT SELECT, INSERT ON private.filed TO geoapp_web;

GRANT SELECT ON private.filed, private.role_right TO geoapp_backup;
