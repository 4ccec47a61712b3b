"""Reads the posts and comments that the crawler MediaCrawler writes (jsonl, json, csv, gzipped or not) as leads (线索).

What a record is, is told from its fields, so that a moved file is still read; only where they fit two platforms does
the path decide. Of a record only what makes the report arrives: who said it, from where, and fields unknown here are
left behind before anything is kept, also with a record that is rejected. Where a record cannot be taken apart nothing
of its text is kept, for a name could stand anywhere in it, but a digest by which it is known again; its file and line
say where to look.

Names of people called with an @ are left out of the words, hashtags stay (importers/posts.py). A lead is shown to
nobody until an office has checked and filed it, hence it is as public as any report. When it was crawled, for which
keyword and how often it was liked is no part of it: the same post crawled twice is the same lead.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Final

from geoapp.errors import SourceUnreadable
from importers import excel, json_records
from importers.base import Importer, Rejected, Report, Row, RowError
from importers.fields import words
from importers.lines import Broken
from importers.mediacrawler_items import BY_NAME, IDENTITY, IGNORED, MARKS, Item, kept_under, told
from importers.posts import joined, link, moment, pictures, said, says_nothing
from importers.rows import read

ITEM: Final = "item"
"""The field that says, once a record has arrived, what it is: `weibo:comment`."""

ZHIHU_TYPES: Final = frozenset({"article", "answer", "zvideo"})
"""Kinds of posts whose ids are each counted for themselves."""

_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
_NO_PARENT: Final = frozenset({"", "0", "None", "null"})
_FIELD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_NAMED: Final = 30
_JSON: Final = frozenset({".json", ".jsonl"})


class Mediacrawler(Importer):
    """Posts and comments that MediaCrawler has found."""

    name: ClassVar[str] = "mediacrawler"

    def rows(self, path: Path) -> Iterator[Row | Rejected]:
        if excel.is_excel(path):
            raise SourceUnreadable(f"{path.name}: Excel files hold several sheets; let the crawler save jsonl or csv.")
        if json_records.opening(path).startswith(("{", "[")) or _JSON & {suffix.lower() for suffix in path.suffixes}:
            return self._objects(path, json_records.records(path))
        return self._table(path)

    def report(self, fields: dict[str, str]) -> Report:
        item = BY_NAME.get(fields.pop(ITEM, ""))
        if item is None:
            raise RowError("unknown_item", "the row does not say of which platform it is, and whether a comment")
        values = {name: fields.pop(name, "").strip() for name in item.read}
        self._leave(item, fields)
        fields.clear()
        shown = pictures(*(values[name] for name in item.pictures))
        body = _body(item, values)
        if says_nothing(body) and not shown:
            raise RowError("empty", "nothing is said: no text, no picture")
        return Report(
            ref=_ref(item, values),
            said_at=next(filter(None, (moment(values[name], name) for name in item.times)), None),
            kind="lead",
            body=body,
            channel=item.platform,
            link=link(values[item.link]) if item.link else "",
            pictures=shown,
            about=_about(item, values),
        )

    def _objects(self, path: Path, records: Iterator[json_records.Record]) -> Iterator[Row | Rejected]:
        for line, record in records:
            if isinstance(record, Broken):
                yield Rejected(line, record.reason, record.detail, _withheld(record.text))
                continue
            items = _told(record, path)
            if len(items) == 1:
                self._leave(items[0], record)
                yield _arrived(items[0], record, line)
            else:
                yield Rejected(line, *_untold(items, record), _withheld(*_plain(record)))

    def _table(self, path: Path) -> Iterator[Row | Rejected]:
        sheet = read(path)
        items = _told(sheet.header, path)
        if len(items) != 1:
            raise SourceUnreadable(f"{path.name}: {_untold(items, sheet.header)[1]}.")
        self._leave(items[0], sheet.header)
        return (
            _arrived(items[0], row.fields, row.line)
            if isinstance(row, Row)
            else Rejected(row.line, row.reason, row.detail, _withheld(*row.fields.values()))
            for row in sheet.rows
        )

    def _leave(self, item: Item, fields: Iterable[str]) -> None:
        self._meet({_shown(name) for name in set(fields) - IDENTITY - IGNORED - set(item.read)})


def _told(fields: Iterable[str], path: Path) -> tuple[Item, ...]:
    items = told(MARKS & frozenset(fields))
    return items if len(items) < 2 else kept_under(path, items) or items


def _untold(items: tuple[Item, ...], fields: Iterable[str]) -> tuple[str, str]:
    """Why it is not known what a record is: reason and detail."""
    if items:
        return "ambiguous", f"this may be {' or '.join(item.name for item in items)}"
    named = ", ".join(sorted({_shown(name) for name in fields})[:_NAMED])
    return "unknown_item", f"no platform's post or comment has just these fields: {named}"


def _shown(name: str) -> str:
    # What is no plain name could be anything, also somebody's.
    return name if _FIELD.fullmatch(name) else "(no name)"


def _arrived(item: Item, record: Mapping[str, object], line: int) -> Row | Rejected:
    """A record with nothing but what is read, its words without names, its link without tokens."""
    fields = {ITEM: item.name}
    wrong = ""
    for name in item.read:
        value = record.get(name)
        if isinstance(value, str):
            fields[name] = _cleaned(item, name, value)
        elif value is not None:
            wrong = wrong or f"{name} is neither text nor a number"
    return Rejected(line, "bad_value", wrong, fields) if wrong else Row(line, fields)


def _cleaned(item: Item, name: str, value: str) -> str:
    if name in item.texts or name == item.tags:
        return said(value)
    return link(value) if name == item.link else value


def _plain(record: Mapping[str, object]) -> Iterator[str]:
    return (f"{name}={value}" for name, value in record.items() if isinstance(value, str))


def _withheld(*texts: str) -> dict[str, str]:
    digest = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
    return {"": f"withheld, SHA-256 {digest}"}


def _body(item: Item, values: Mapping[str, str]) -> str:
    """Title and text, then the topics that they do not name."""
    body = joined(values[name] for name in item.texts)
    topics = [words(topic) for topic in values[item.tags].split(",")] if item.tags else []
    further = " ".join(f"#{topic}" for topic in dict.fromkeys(topics) if topic and topic not in body)
    return f"{body}\n{further}".strip()


def _ref(item: Item, values: Mapping[str, str]) -> str:
    if not values[item.id]:
        raise RowError("no_ref", f"{item.id} is empty")
    if item.kind == "comment":
        return f"{item.name}:{_id(values, item.id)}"
    return _post_ref(item, values, item.id)


def _about(item: Item, values: Mapping[str, str]) -> str:
    """The comment that is answered, else the post; "" for a post, and where the post is not told."""
    if item.kind != "comment":
        return ""
    # Weibo gives comments that answer none their own id here.
    if values[item.parent] not in _NO_PARENT | {values[item.id]}:
        return f"{item.name}:{_id(values, item.parent)}"
    untold = not values[item.post] or (item.type and not values[item.type])
    return "" if untold else _post_ref(item, values, item.post)


def _post_ref(item: Item, values: Mapping[str, str], field: str) -> str:
    kind = values[item.type] if item.type else ""
    if item.type and kind not in ZHIHU_TYPES:
        raise RowError("unknown_type", f'{item.type} "{kind[:40]}"')
    return f"{item.platform}:content:{kind + '-' if kind else ''}{_id(values, field)}"


def _id(values: Mapping[str, str], field: str) -> str:
    if not _ID.fullmatch(values[field]):
        raise RowError("bad_ref", f'{field} "{values[field][:40]}"')
    return values[field]
