"""What /api/openapi.json says of each operation beyond its address."""

from __future__ import annotations

import re
from typing import Any, Final

from apiflask import APIFlask
from flask import request

from geoapp.assign.dispatch import Held, Lost
from geoapp.assign.exactness import Asks
from geoapp.lifecycle import MOVES, Kind, Outcome, State
from geoapp.pages.parts.asked import GROUPS, check_words
from geoapp.pages.parts.naming import KINDS

_WORD: Final = {"type": "string", "maxLength": 200}
_LIST: Final = "One code, or several parted by commas: "


def _asked(name: str, meaning: str, schema: dict[str, Any] = _WORD, *, needed: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": needed, "description": meaning, "schema": schema}


_CITY: Final = _asked("city", "The city's code; the only city needs no naming.")
_LANG: Final = _asked("lang", "The language of names and messages.", {"type": "string", "enum": ["zh", "en"]})
_FILTERS: Final = [
    _CITY,
    _asked("bbox", "west,south,east,north in degrees; west greater than east crosses the date line."),
    _asked("area", _LIST + "layer/code."),
    _asked("category", _LIST + "categories."),
    _asked("matter", _LIST + "matters."),
    _asked("kind", _LIST + ", ".join(Kind)),
    _asked("state", _LIST + ", ".join([*State, *GROUPS])),
    _asked("outcome", _LIST + ", ".join(Outcome)),
    _asked("unit", _LIST + "units."),
    _asked("source", _LIST + "sources."),
    _asked("since", "Opened on this local day or later.", {"type": "string", "format": "date"}),
    _asked("until", "Opened on this local day or before.", {"type": "string", "format": "date"}),
    _asked("due", "late (overdue), today, or a local day: still to be done, and due by its end."),
    _asked("q", "The beginning of a ticket's number, or words of a matter's or category's name."),
    _LANG,
]
_ERROR: Final = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "fields"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "fields": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        }
    },
}
_MAYBE: Final = {"type": ["string", "null"]}
_RECEIPT: Final = {
    "type": "object",
    "required": ["receipt", "number", "state", "placed", "problem", "url"],
    "properties": {
        "receipt": {"type": "string"}, "number": _MAYBE, "state": _MAYBE, "placed": {"type": "boolean"},
        "problem": _MAYBE, "message": _MAYBE, "url": {"type": "string"},
    },
}  # fmt: skip
_CONTACT: Final = {"name": _WORD, "phone": _WORD, "email": _WORD}
_REPORT: Final = {
    "city": _WORD,
    "text": {"type": "string", "minLength": 1, "maxLength": 4000},
    "kind": {"type": "string", "enum": list(KINDS)},
    "category": _WORD,
    "matter": _WORD,
    "datum": {"type": "string", "description": "WGS-84 (if nothing is said), GCJ-02, BD-09 or EPSG:<code>"},
    "address": {"type": "string", "maxLength": 400},
    "occurred_at": {"type": "string", "description": "ISO 8601; without offset in the city's time."},
}
_DEGREES: Final = {"lon": {"type": ["number", "null"]}, "lat": {"type": ["number", "null"]}}
_JSON_REPORT: Final = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {
        **_REPORT,
        **_DEGREES,
        "contact": {"type": "object", "additionalProperties": False, "properties": _CONTACT},
    },
}
_FORM_REPORT: Final = {
    "type": "object",
    "required": ["text"],
    "properties": {
        **_REPORT, "lon": _WORD, "lat": _WORD, **_CONTACT, "photo": {"type": "string", "format": "binary"},
    },
}  # fmt: skip


def _response(meaning: str, schema: dict[str, Any] | None = None, kind: str = "application/json") -> dict[str, Any]:
    return {"description": meaning, "content": {kind: {"schema": schema or {"type": "object"}}}}


def _answers(*refusals: int, **good: dict[str, Any]) -> dict[str, Any]:
    meanings = {
        400: "It cannot be understood.", 401: "The token shown holds no more, or one is needed.",
        403: "It is not for whoever asks.", 404: "There is no such thing.",
        409: "It cannot be done where the ticket stands, or somebody was quicker.", 413: "It is too large.",
        415: "It is neither JSON nor a form.", 422: "A field cannot be used; fields says why.",
        429: "Too many with this token, or from this address without one.", 503: "The database is away.",
    }  # fmt: skip
    answers = {status.removeprefix("s"): response for status, response in good.items()}
    return answers | {str(status): _response(meanings[status], _ERROR) for status in (*refusals, 401, 503)}


_GEOJSON: Final = "application/geo+json"
_MOVE: Final = {
    "type": "object",
    "required": ["move"],
    "additionalProperties": False,
    "properties": {
        "move": {"type": "string", "enum": [line.name for line in MOVES if not line.name.startswith("mirror_")]},
        "seen": {"type": "integer", "description": "The version that was looked at: 409 if somebody was quicker."},
        "given": {"type": "object", "description": "What the move takes: `geoapp ticket moves` lists it."},
    },
}
_MOVE_FORM: Final = {
    "type": "object",
    "required": ["move"],
    "properties": {
        "move": _MOVE["properties"]["move"],  # type: ignore[index]
        "seen": _MOVE["properties"]["seen"],  # type: ignore[index]
        "photo": {"type": "string", "format": "binary"},
    },
    "additionalProperties": {"type": "string"},
}

_NAMED: Final = {
    "type": "object",
    "required": ["code", "name"],
    "properties": {"code": {"type": "string"}, "name": {"type": "string"}},
}
_ASSIGNED: Final = {
    "type": "object",
    "required": ["lon", "lat", "matter", "areas", "asset", "site", "unit", "rule", "problem"],
    "properties": {
        "unit": {
            "type": ["object", "null"],
            "description": "Whose it is: the list's unit by rule `list`, else the area that answers.",
        },
        "rule": {"type": "string", "enum": ["list", "covers", "none"]},
        "border_m": {"type": ["number", "null"], "description": "To the border of the area that answers, in metres."},
        "dispatch": {
            "type": "object",
            "description": "What the list in force says; only where there is one and a matter is asked about.",
            "required": ["list", "line", "unit", "assisting", "runner_up", "lost_by", "border_m", "held", "reasons"],
            "properties": {
                "list": {"type": "string", "description": "The number of the batch in force."},
                "line": {**_MAYBE, "description": "The code of the line that fired."},
                "unit": {"anyOf": [_NAMED, {"type": "null"}]},
                "assisting": {"type": "array", "items": _NAMED},
                "runner_up": {"anyOf": [_NAMED, {"type": "null"}], "description": "The best other unit."},
                "runner_up_line": _MAYBE,
                "lost_by": {**_MAYBE, "description": f"By what it lost: {', '.join([*Asks, *Lost])}."},
                "border_m": {
                    "type": ["number", "null"], "description": "To the nearest border that could matter, in metres.",
                },
                "held": {
                    "type": "array", "items": {"type": "string", "enum": list(Held)},
                    "description": "Why a person would have to look before it is sent; empty: it would be sent.",
                },
                "across": {"anyOf": [_NAMED, {"type": "null"}], "description": "Who would have it across that border."},
                "reasons": {"type": "array", "items": {"type": "string"}, "description": "The same in words."},
            },
        },
    },
}  # fmt: skip

OPERATIONS: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("/api/clusters", "get"): {
        "parameters": [*_FILTERS, _asked("zoom", "The map's zoom.", {"type": "integer", "minimum": 0, "maximum": 22})],
        "responses": _answers(400, 404, 422, s200=_response("Clusters; bbox is the box they count.", kind=_GEOJSON)),
    },
    ("/api/tickets", "get"): {
        "parameters": [
            *_FILTERS,
            _asked("limit", "Tickets a page.", {"type": "integer", "minimum": 1, "maximum": 200}),
            _asked("cursor", "`next` of the page before."),
        ],
        "responses": _answers(400, 404, 422, s200=_response("Tickets, newest first.")),
    },
    ("/api/tickets/{number}", "get"): {
        "parameters": [{"name": "number", "in": "path", "required": True, "schema": _WORD}, _LANG],
        "responses": _answers(400, 404, s200=_response("The ticket.")),
    },
    ("/api/sites/{city_code}/{kind}/{key}", "get"): {
        "parameters": [
            {"name": "city_code", "in": "path", "required": True, "schema": _WORD},
            {
                "name": "kind", "in": "path", "required": True, "description": "asset, stretch or spot.",
                "schema": _WORD,
            },
            {
                "name": "key", "in": "path", "required": True, "schema": _WORD,
                "description": "layer:code of an asset, layer:code:nth of a road's stretch, column:row of a spot.",
            },
            _LANG,
        ],
        "responses": _answers(400, 404, s200=_response("The site.")),
    },
    ("/api/works", "get"): {
        "parameters": [_CITY, _asked("bbox", "west,south,east,north in degrees."), _LANG],
        "responses": _answers(400, 404, 422, s200=_response("Works under way.", kind=_GEOJSON)),
    },
    ("/api/times", "get"): {
        "parameters": _FILTERS,
        "responses": _answers(400, 404, 422, s200=_response("By day, week or month opened; since and until left out.")),
    },
    ("/api/places", "get"): {
        "parameters": [
            _CITY,
            _asked("q", "A name or a part of it, in any language.", {"type": "string", "maxLength": 100}, needed=True),
            _asked("role", _LIST + "areas, roads, landmarks."),
            _asked("limit", "Places at most.", {"type": "integer", "minimum": 1, "maximum": 50}),
            _LANG,
        ],
        "responses": _answers(400, 404, 422, s200=_response("Places called so, the best first.")),
    },
    ("/api/outlines", "get"): {
        "parameters": [_CITY, _asked("layer", "The layer's name."), _asked("version", "Its version."), _LANG],
        "responses": _answers(400, 404, 422, s200=_response("The layer's areas.", kind=_GEOJSON)),
    },
    ("/api/roads", "get"): {
        "parameters": [
            _CITY,
            _asked("layer", "The layer's name."),
            _asked("rank", "0 main, 1 middle, 2 small; else all.", {"type": "integer", "minimum": 0, "maximum": 2}),
            _asked("version", "Its version."),
            _LANG,
        ],
        "responses": _answers(400, 404, 422, s200=_response("The layer's roads, in steps of a grid.")),
    },
    ("/api/locate", "get"): {
        "parameters": [_CITY, _asked("q", "Words.", {"type": "string", "maxLength": 500}, needed=True), _LANG],
        "responses": _answers(400, 404, 422, s200=_response("Where it is; lon is null when unplaced.")),
    },
    ("/api/assign", "get"): {
        "parameters": [
            _CITY,
            _asked("lon", "Degrees east.", {"type": "number"}, needed=True),
            _asked("lat", "Degrees north.", {"type": "number"}, needed=True),
            _asked("matter", "The matter's code: where a list of responsibilities is in force, it answers."),
            _asked("at", "A day or a time: the layers and the list then in force answer."),
            _LANG,
        ],
        "responses": _answers(400, 404, 422, s200=_response("Whose it is.", _ASSIGNED)),
    },
    ("/api/tickets/{number}/moves", "post"): {
        "parameters": [{"name": "number", "in": "path", "required": True, "schema": _WORD}, _LANG],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _MOVE}, "multipart/form-data": {"schema": _MOVE_FORM}},
        },
        "responses": _answers(
            400, 401, 403, 404, 409, 413, 415, 422,
            s200=_response("Made: where the ticket stands, its version, and the number of a ticket that was opened."),
        ),
    },
    ("/api/reports", "post"): {
        "parameters": [
            _CITY,
            _LANG,
            {
                "name": "Idempotency-Key", "in": "header", "required": False,
                "description": "Sent again under the same key, a report is filed once.",
                "schema": {"type": "string", "maxLength": 255},
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _JSON_REPORT},
                "multipart/form-data": {"schema": _FORM_REPORT},
            },
        },
        "responses": _answers(
            400, 404, 413, 415, 422, 429,
            s201=_response("Filed.", _RECEIPT), s200=_response("Filed before under this key.", _RECEIPT),
        ),
    },
}  # fmt: skip


def prepare(app: APIFlask) -> None:
    """Complete what APIFlask finds out by itself."""
    app.config["OPENAPI_VERSION"] = "3.1.0"

    @app.before_request
    def known_words() -> None:
        # What the description lists is what an address knows.
        rule = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", request.url_rule.rule) if request.url_rule else ""
        operation = OPERATIONS.get((rule, "get" if request.method == "HEAD" else request.method.lower()))
        if operation is not None:
            check_words(request.args, {one["name"] for one in operation["parameters"] if one["in"] == "query"})

    @app.spec_processor
    def complete(spec: dict[Any, Any] | str) -> dict[Any, Any] | str:
        assert isinstance(spec, dict)  # a string only where YAML is asked for
        for (path, method), more in OPERATIONS.items():
            spec["paths"][path][method] |= more
        return spec
