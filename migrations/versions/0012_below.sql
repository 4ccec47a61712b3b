CREATE OR REPLACE FUNCTION geoapp.unit_below(unit integer) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
    BEGIN
        RETURN (
            WITH RECURSIVE down (id) AS (
                SELECT unit WHERE unit IS NOT NULL
                UNION
                SELECT u.id FROM down JOIN geoapp.unit u ON u.parent_id = down.id
            )
            SELECT coalesce(array_agg(id), '{}') FROM down
        );
    END $$;

CREATE OR REPLACE FUNCTION private.person_row(wanted integer) RETURNS TABLE (account_id integer, login text, name text, language text, must_change boolean, demo boolean, holdings jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    #variable_conflict use_column
    BEGIN
        RETURN QUERY SELECT a.id, a.login, a.name, a.language, a.must_change, a.demo, coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'role', h.role, 'city_id', h.city_id, 'line', geoapp.unit_line(h.unit_id),
                'below', geoapp.unit_below(h.unit_id), 'area_keys', coalesce(u.area_keys, '{}')) ORDER BY h.id)
            FROM private.role_held h LEFT JOIN geoapp.unit u ON u.id = h.unit_id
            WHERE h.account_id = a.id AND h.began_at <= now() AND (h.ends_at IS NULL OR h.ends_at > now())
        ), '[]')
        FROM private.account a WHERE a.id = wanted AND a.active;
    END $$;

CREATE OR REPLACE FUNCTION private.person_of_session(shown bytea, idle interval)
    RETURNS TABLE (account_id integer, login text, name text, language text, must_change boolean, demo boolean, holdings jsonb, session_id bigint, seen_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    #variable_conflict use_column
    BEGIN
        RETURN QUERY SELECT p.*, s.id, s.seen_at FROM private.session s
        CROSS JOIN LATERAL private.person_row(s.account_id) p
        WHERE s.digest = shown AND s.ends_at > now() AND s.seen_at > now() - idle;
    END $$;

CREATE OR REPLACE FUNCTION private.person_of_token(shown bytea)
    RETURNS TABLE (account_id integer, login text, name text, language text, must_change boolean, demo boolean, holdings jsonb, token_id integer, scopes text[], used_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    #variable_conflict use_column
    BEGIN
        RETURN QUERY SELECT p.*, t.id, t.scopes, t.used_at FROM private.token t
        CROSS JOIN LATERAL private.person_row(t.account_id) p
        WHERE t.digest = shown AND t.ends_at > now();
    END $$;
