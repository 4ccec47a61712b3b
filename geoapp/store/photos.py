"""The rows of photos; the files lie in the installation's folder."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, insert, select

from geoapp.records import PUBLIC_ONLY, Sight
from geoapp.store.queries.sight import seen_by_assisting
from geoapp.store.tables import photo, report, ticket


def add(
    connection: Connection, photo_id: UUID, report_id: int, width: int, height: int, digest: str, shows: str = "defect"
) -> None:
    """Note a photo that lies in its place already; shows what is wrong (defect), or how it was mended (repair)."""
    values = {"id": photo_id, "report_id": report_id, "width": width, "height": height, "digest": digest}
    connection.execute(insert(photo).values(**values, shows=shows))


def known(connection: Connection, photo_ids: Collection[UUID]) -> set[UUID]:
    """Those of these that are noted."""
    return set(connection.execute(select(photo.c.id).where(photo.c.id.in_(photo_ids))).scalars())


def visible(connection: Connection, photo_id: UUID, sight: Sight = PUBLIC_ONLY) -> bool:
    """Whether the photo is seen: its report's ticket is."""
    statement = (
        select(seen_by_assisting(sight))
        .select_from(ticket)
        .join(report, report.c.ticket_id == ticket.c.id)
        .join(photo, photo.c.report_id == report.c.id)
        .where(photo.c.id == photo_id)
    )
    return bool(connection.execute(statement).scalar_one_or_none())
