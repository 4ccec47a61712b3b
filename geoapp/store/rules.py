"""What the tables alone do not say: schemas, append-only events, row-level security, public views and grants."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

from geoapp.store import people_rules, wall_rules
from geoapp.store.tables import METADATA, changes

SCHEMAS: Final = (
    "CREATE SCHEMA IF NOT EXISTS geoapp",
    "CREATE SCHEMA IF NOT EXISTS private",
)

RULES: Final = (
    """
    CREATE FUNCTION geoapp.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON geoapp.event
    FOR EACH ROW EXECUTE FUNCTION geoapp.refuse_change()
    """,
    """
    CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON geoapp.event
    FOR EACH STATEMENT EXECUTE FUNCTION geoapp.refuse_change()
    """,
    """
    CREATE TRIGGER repair_event_append_only BEFORE UPDATE OR DELETE ON geoapp.repair_event
    FOR EACH ROW EXECUTE FUNCTION geoapp.refuse_change()
    """,
    """
    CREATE TRIGGER repair_event_no_truncate BEFORE TRUNCATE ON geoapp.repair_event
    FOR EACH STATEMENT EXECUTE FUNCTION geoapp.refuse_change()
    """,
    """
    CREATE TRIGGER list_line_append_only BEFORE UPDATE OR DELETE ON geoapp.list_line
    FOR EACH ROW EXECUTE FUNCTION geoapp.refuse_change()
    """,
    """
    CREATE TRIGGER list_line_no_truncate BEFORE TRUNCATE ON geoapp.list_line
    FOR EACH STATEMENT EXECUTE FUNCTION geoapp.refuse_change()
    """,
    """
    CREATE FUNCTION geoapp.note_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO geoapp.ticket_change (city_id, tickets)
        SELECT city_id, range_agg(int8range(id, id, '[]')) FROM changed GROUP BY city_id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION geoapp.note_names() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO geoapp.ticket_change (city_id, tickets) SELECT DISTINCT city_id, '{}'::int8multirange FROM changed;
        RETURN NULL;
    END $$
    """,
    *(
        f"CREATE TRIGGER {table}_{event.lower()}_noted AFTER {event} ON geoapp.{table} "
        "REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION geoapp.note_names()"
        for table in changes.NAMES
        for event in ("INSERT", "UPDATE")
    ),
    *(
        f"CREATE TRIGGER ticket_{event.lower()}_noted AFTER {event} ON geoapp.ticket "
        f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION geoapp.note_changes()"
        for event, rows in changes.EVENTS.items()
    ),
    """
    CREATE VIEW geoapp.public_ticket AS
    SELECT id, number, city_id, source, kind, state, outcome, matter_id, unit_id, site_id, point, quad, area_keys,
           urgent, late, opened_at, changed_at, due_at, ended_at
    FROM geoapp.ticket WHERE public
    """,
    """
    CREATE VIEW geoapp.public_report AS
    SELECT r.id, r.ticket_id, r.said_at, r.recorded_at, r.source, r.channel, r.precision, r.radius_m, r.confidence,
           r.crs, t.body, t.address
    FROM geoapp.report r
    JOIN geoapp.ticket k ON k.id = r.ticket_id AND k.public
    LEFT JOIN geoapp.report_text t ON t.report_id = r.id
    """,
    people_rules.LINE,
    *wall_rules.RULES,
    """
    CREATE VIEW geoapp.list_valid AS
    SELECT b.city_id, b.list, l.code, l.fields, l.removed, b.number, b.in_force_from AS since,
           lead(b.in_force_from) OVER (PARTITION BY b.city_id, b.list, l.code ORDER BY b.number) AS until
    FROM geoapp.list_line l JOIN geoapp.list_batch b ON b.id = l.batch_id WHERE b.state = 'in_force'
    """,
    *people_rules.RULES,
)

_ROLES: Final = "geoapp_web, geoapp_bulk, geoapp_backup"

GRANTS: Final = (
    f"GRANT USAGE ON SCHEMA geoapp, private TO {_ROLES}",
    f"GRANT SELECT ON ALL TABLES IN SCHEMA geoapp TO {_ROLES}",
    f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA geoapp, private TO {_ROLES}",
    """
    GRANT INSERT ON geoapp.run, geoapp.report, geoapp.report_text, geoapp.photo, geoapp.ticket, geoapp.event,
        geoapp.event_note, geoapp.site, geoapp.cell_delta, geoapp.category, geoapp.matter, geoapp.source_word,
        geoapp.unit TO geoapp_web, geoapp_bulk
    """,
    "GRANT INSERT ON geoapp.list_batch, geoapp.list_line TO geoapp_web, geoapp_bulk",
    "GRANT UPDATE (state, applied_at, despite, released_at) ON geoapp.list_batch TO geoapp_web, geoapp_bulk",
    """
    GRANT INSERT, UPDATE, DELETE ON geoapp.ticket_mark, geoapp.ticket_link, geoapp.assisting, geoapp.due_move
    TO geoapp_web, geoapp_bulk
    """,
    "GRANT INSERT ON geoapp.rating TO geoapp_web, geoapp_bulk",
    "GRANT INSERT, UPDATE ON geoapp.dispute, geoapp.list_proposal, geoapp.consultation, geoapp.lead, geoapp.repair "
    "TO geoapp_web, geoapp_bulk",
    "GRANT INSERT, UPDATE (retired_at, applied_at) ON geoapp.alias TO geoapp_web, geoapp_bulk",
    "GRANT INSERT ON geoapp.repair_event TO geoapp_bulk",
    "GRANT INSERT, UPDATE, DELETE ON geoapp.run_count, geoapp.repair_note TO geoapp_bulk",
    "GRANT INSERT, UPDATE ON geoapp.rate TO geoapp_web",
    "GRANT DELETE ON geoapp.rate TO geoapp_bulk",
    "GRANT INSERT, UPDATE ON geoapp.geocoded, geoapp.geocoder_use TO geoapp_web, geoapp_bulk",
    "GRANT DELETE ON geoapp.geocoded, geoapp.geocoder_use TO geoapp_bulk",
    "GRANT INSERT ON geoapp.ticket_change TO geoapp_web, geoapp_bulk",
    "GRANT DELETE ON geoapp.ticket_change TO geoapp_bulk",
    "GRANT UPDATE ON geoapp.ticket, geoapp.run TO geoapp_web, geoapp_bulk",
    "GRANT UPDATE (ticket_id, matter_id, unit_id, point, precision, radius_m, confidence, problem) ON geoapp.report "
    "TO geoapp_web, geoapp_bulk",
    "GRANT UPDATE, DELETE ON geoapp.report_text, geoapp.photo, geoapp.event_note TO geoapp_bulk",
    "GRANT UPDATE (matter_id) ON geoapp.source_word TO geoapp_bulk",
    "GRANT INSERT, UPDATE, DELETE ON geoapp.cell_total, geoapp.cell_delta TO geoapp_bulk",
    """
    GRANT INSERT, UPDATE ON geoapp.city, geoapp.layer_version, geoapp.layer_current, geoapp.area_key,
        geoapp.area, geoapp.area_lineage, geoapp.asset, geoapp.category, geoapp.matter, geoapp.unit,
        geoapp.repair TO geoapp_bulk
    """,
    *wall_rules.GRANTS,
    "GRANT INSERT, UPDATE ON geoapp.clock TO geoapp_web, geoapp_bulk",
    "GRANT INSERT ON geoapp.calendar_day TO geoapp_web, geoapp_bulk",
    "GRANT INSERT, UPDATE (mailed_at, tries) ON geoapp.reminder TO geoapp_bulk",
    "GRANT SELECT ON ALL TABLES IN SCHEMA private TO geoapp_backup",
    "GRANT SELECT ON ALL SEQUENCES IN SCHEMA geoapp, private TO geoapp_backup",
    *people_rules.GRANTS,
)


def statements() -> tuple[str, ...]:
    """Everything after the tables, in order."""
    return tuple(" ".join(line.split()) if "$$" not in line else line.strip() for line in (*RULES, *GRANTS))


def create_all(connection: Connection) -> None:
    """Make the whole schema as the code states it: what the migrations must add up to."""
    for line in SCHEMAS:
        connection.execute(text(line))
    METADATA.create_all(connection)
    for line in statements():
        connection.execute(text(line.replace(":=", r"\:=")))
