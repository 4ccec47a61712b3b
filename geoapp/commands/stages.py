"""The commands that run one stage alone: locate, assign, classify, redact; lines in, JSON lines out, in order."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Final, cast

import click
import orjson

from geoapp.city import City

LONGEST_LINE: Final = 1 << 20
_READ: Final = 1 << 16
_BATCH: Final = 500

# A longitude west of Greenwich starts with a hyphen and is no option.
_WORDS: Final = {"ignore_unknown_options": True}

Answer = Callable[[list[str]], Sequence[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that cannot even be asked about."""

    start: str
    why: str


@click.command(context_settings=_WORDS)
@click.argument("texts", nargs=-1)
@click.option("--city", "code", help="The city, where several are loaded.")
@click.option("--datum", default="WGS-84", show_default=True, help="WGS-84, GCJ-02, BD-09 or EPSG:<code>.")
@click.option("--online", is_flag=True, help="Ask the online geocoder that is set where words give no place.")
def locate(texts: tuple[str, ...], code: str | None, datum: str, online: bool) -> None:
    """Where is it? TEXT… (else lines on standard input) → place and areas, one JSON line each."""
    from geoapp import settings
    from geoapp.commands.data import chosen_city, opened
    from geoapp.intake.stages import locate_many, locate_online

    if online and not settings.read().geocoder:
        raise click.UsageError("No online geocoder is set: GEOAPP_GEOCODER names one.")
    database = opened()
    city = chosen_city(database, code)

    def answer(queries: list[str]) -> list[dict[str, Any]]:
        with database.bulk.connect() as connection:
            found = locate_many(connection, city, queries, datum)
        if online:
            # Who runs a command has the time; a page has not.
            found = locate_online(database.bulk, city, found, patience_s=math.inf)
        return [one.as_dict(city.languages[0]) for one in found]

    _answer(texts, answer)


@click.command(context_settings=_WORDS)
@click.argument("points", nargs=-1)
@click.option("--city", "code", help="The city, where several are loaded.")
@click.option("--at", "when", help="A day, or a time: the layers then in force answer.")
def assign(points: tuple[str, ...], code: str | None, when: str | None) -> None:
    """Whose is it? LON,LAT[,MATTER]… (else lines on standard input) → areas, unit and rule, one JSON line each."""
    from geoapp.commands.data import chosen_city, opened
    from geoapp.intake.stages import assign_many, unknown_matters

    database = opened()
    city = chosen_city(database, code)
    at = _moment(when, city)

    def answer(queries: list[str]) -> list[dict[str, Any]]:
        asked = [_point(query) for query in queries]
        with database.bulk.connect() as connection:
            unknown = unknown_matters(connection, city, {one.matter for one in asked if one and one.matter})
            good = [one for one in asked if one and one.matter not in unknown]
            assigned = iter(assign_many(connection, city, good, at))
        return [
            {"query": query, "error": "Not lon,lat or lon,lat,matter in degrees."} if one is None
            else {"query": query, "error": f"The catalogue has no matter {one.matter}."} if one.matter in unknown
            else {"query": query, **next(assigned).as_dict(city.languages[0])}
            for query, one in zip(queries, asked, strict=True)
        ]  # fmt: skip

    _answer(points, answer)


@click.command()
@click.argument("texts", nargs=-1)
@click.option("--city", "code", help="The city, where several are loaded.")
def classify(texts: tuple[str, ...], code: str | None) -> None:
    """What is it about? TEXT… (else lines on standard input) → matter and category, one JSON line each."""
    from geoapp.commands.data import chosen_city, opened
    from geoapp.intake.classify import classify as classified
    from geoapp.intake.classify import terms

    among = terms(chosen_city(opened(), code))

    def one(query: str) -> dict[str, Any]:
        found = classified(query, among)
        return {
            "query": query, "matter": found.matter, "category": found.category, "confidence": found.confidence,
            "evidence": dict(found.evidence),
        }  # fmt: skip

    _answer(texts, lambda queries: [one(query) for query in queries])


@click.command()
@click.argument("texts", nargs=-1)
def redact(texts: tuple[str, ...]) -> None:
    """What may everybody read of it? TEXT… (else lines on standard input) → text, one JSON line each."""
    from geoapp.intake.redact import redact as redacted

    def one(query: str) -> dict[str, Any]:
        words = redacted(query)
        return {"text": words, "redacted": words != query}

    _answer(texts, lambda queries: [one(query) for query in queries])


def _point(query: str) -> Any:
    """The point a line asks about, or None: two numbers and perhaps a matter's code."""
    from geoapp.intake.stages import Asked

    parts = [part.strip() for part in re.split("[,，]", query, maxsplit=2)]
    try:
        lon, lat = float(parts[0]), float(parts[1])
    except (ValueError, IndexError):
        return None
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return None
    return Asked(lon, lat, parts[2] if len(parts) > 2 else "")


def _moment(words: str | None, city: City) -> datetime | None:
    from geoapp.intake.stages import moment

    if words is None:
        return None
    try:
        return moment(words, city)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter("A day is written 2026-01-31, a time 2026-01-31T08:30.", param_hint="--at") from error


def _answer(arguments: Sequence[str], answer: Answer) -> None:
    """Answer the arguments, or each batch of lines as soon as it has come in."""
    for word in arguments:
        if word.startswith("--"):
            raise click.UsageError(f"No such option: {word}")
    if arguments:
        _put(list(arguments), answer)
        return
    for batch in _lines(sys.stdin.buffer):
        for start in range(0, len(batch), _BATCH):
            _put(batch[start : start + _BATCH], answer)


def _put(batch: Sequence[str | Unreadable], answer: Answer) -> None:
    answers = iter(answer([one for one in batch if isinstance(one, str)]))
    lines = [{"query": one.start, "error": one.why} if isinstance(one, Unreadable) else next(answers) for one in batch]
    # echo flushes, so whoever waits at the other end has the answers now.
    click.echo("\n".join(map(_json, lines)))


def _json(line: dict[str, Any]) -> str:
    try:
        return orjson.dumps(line).decode()
    except TypeError:  # surrogates, from an argument that is no UTF-8
        return orjson.dumps({"query": None, "error": "Not UTF-8."}).decode()


def _lines(stream: BinaryIO) -> Iterator[list[str | Unreadable]]:
    """Lines as they come in, as many at once as there are: a caller who waits for each answer gets it."""
    read = cast(Callable[[int], bytes], getattr(stream, "read1", stream.read))
    rest, cut = b"", False
    while chunk := read(_READ):
        *whole, rest = (rest + chunk).split(b"\n")
        batch = [_line(line) for line in whole[1 if cut else 0 :]]
        cut = cut and not whole
        if len(rest) > LONGEST_LINE and not cut:
            batch.append(Unreadable(rest[:80].decode(errors="replace"), f"Longer than {LONGEST_LINE} bytes."))
            cut = True
        if cut:
            rest = b""
        if batch:
            yield batch
    if rest and not cut:
        yield [_line(rest)]


def _line(line: bytes) -> str | Unreadable:
    if len(line) > LONGEST_LINE:
        return Unreadable(line[:80].decode(errors="replace"), f"Longer than {LONGEST_LINE} bytes.")
    try:
        return line.removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        return Unreadable(line[:80].decode(errors="replace"), "Not UTF-8.")
