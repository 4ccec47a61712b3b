-- Units that handle a report, also those of the tickets it came from, and those that assist; frozen.

CREATE OR REPLACE FUNCTION geoapp.units_of_report(report bigint, ever boolean) RETURNS TABLE (unit integer, rank integer)
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
    $$;

DROP INDEX geoapp.ix_reminder_mail;

CREATE INDEX ix_reminder_mail ON geoapp.reminder (made_at) WHERE mailed_at IS NULL AND tries < 5;
