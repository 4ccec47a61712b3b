"""A repair's words made storable and public, and the content it is recognised by."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import Final

from geoapp.intake.clean import BODY_LIMIT, LINE_LIMIT, NAME_LIMIT, WHOLE_LIMIT, line, moment, public_name, text
from geoapp.intake.redact import redact
from importers.base import Maintenance, Row, RowError

MOST_ASSISTING: Final = 50


@dataclass(frozen=True, slots=True)
class Recorded:
    """One repair as its system records it: what everybody may read of it, the digest of its whole content, its row.

    kept is the id of the kept row it was read from, 0 if from a file.
    """

    repair: Maintenance
    hash: str
    row: Row
    kept: int = 0

    @property
    def characters(self) -> int:
        """How much memory it weighs, roughly."""
        return sum(map(len, self.row.fields.values()))


@dataclass(frozen=True, slots=True)
class Records:
    """The repairs of a batch, in order, and the file they were read from."""

    file: str
    recorded: Sequence[Recorded]

    def __len__(self) -> int:
        return len(self.recorded)


def recorded(repair: Maintenance, row: Row) -> Recorded:
    """The repair with clean words, private numbers taken out; two of equal content have equal digests.

    Raises:
        RowError: too_long, no_ref: what names it cannot be kept whole.
    """
    _check(repair)
    clean = replace(
        repair,
        ref=line(repair.ref),
        ticket=line(repair.ticket),
        asset=line(repair.asset),
        asset_layer=line(repair.asset_layer),
        crs=line(repair.crs),
        unit=line(repair.unit),
        unit_name=line(repair.unit_name),
        assisting=tuple(map(line, repair.assisting)),
        address=line(repair.address, WHOLE_LIMIT),
        note=text(repair.note, WHOLE_LIMIT),
    )
    if not clean.ref:
        raise RowError("no_ref", "nothing is left of the reference")
    public = replace(
        clean,
        unit=public_name(clean.unit),
        unit_name=public_name(clean.unit_name),
        assisting=tuple(map(public_name, clean.assisting)),
        address=redact(clean.address)[:LINE_LIMIT].rstrip(),
        note=redact(clean.note)[:BODY_LIMIT].rstrip(),
    )
    return Recorded(public, _digest(clean), row)


def _check(repair: Maintenance) -> None:
    """Names are keys, and keys are indexed: one that could only be kept cut is none."""
    if len(repair.ref) > LINE_LIMIT:
        raise RowError("too_long", f"the reference has {len(repair.ref)} characters")
    for name in ("ticket", "asset", "asset_layer", "unit", "unit_name", "crs"):
        if len(getattr(repair, name)) > NAME_LIMIT:
            raise RowError("too_long", f"{name} has {len(getattr(repair, name))} characters")
    if len(repair.assisting) > MOST_ASSISTING or any(len(unit) > NAME_LIMIT for unit in repair.assisting):
        raise RowError("too_long", f"assisting names {len(repair.assisting)} units, or one by a long name")


def _digest(repair: Maintenance) -> str:
    """128 bits of BLAKE2b, in hexadecimal, over every field but the reference; the same on every machine."""
    said = [moment(value) if isinstance(value, datetime) else value for value in astuple(replace(repair, ref=""))]
    return hashlib.blake2b(repr(said).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
