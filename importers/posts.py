"""What is taken of a post on a social platform: its words without people's names, its links without tokens, its time.

An @ and the name behind it become `@…`: whom somebody calls is nobody's business here, even where the name is a
place's or an office's. A name ends at white space, punctuation, another @ or a #, and after thirty characters; words
written right behind it go with it. Hashtags stay, they often say where. Mail addresses stay, they are redacted later.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from importers.base import RowError
from importers.fields import Clock

SOMEBODY: Final = "@…"
"""What stands for a person called by name."""

# Seconds of the years 2000 to 2099: as no platform is older, none of them can be mistaken for milliseconds.
_SECONDS: Final = range(946_684_800, 4_102_444_800)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TIME_LENGTH: Final = 40
_CLOCK: Final = Clock(
    ZoneInfo("Asia/Shanghai"),
    (
        "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d",
        "%Y年%m月%d日 %H:%M", "%Y年%m月%d日%H:%M", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日",
    ),
)  # fmt: skip

_ENDS_A_NAME: Final = r"\s\u200b@＠#＃,，.。:：;；!！?？、()（）\[\]【】<>《》\"“”'‘’「」/\\|~～…"
_CALLED: Final = re.compile(
    rf"(?P<mail>[A-Za-z0-9_.+-]{{1,64}}@[A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,63}}){{1,4}})"
    rf"|[@＠](?:[^{_ENDS_A_NAME}]|\.(?=\w)){{1,30}}"
)
_CALL: Final = re.compile(f"(?:回复 ?)?{SOMEBODY}")
_ANSWERED: Final = re.compile(r"\A\s*回复 [^\s:：]{1,30} ?[:：]")
_LINKED_NAME: Final = re.compile(r"(?i)<a\b[^<>]{0,2000}>\s*[@＠][^<>]{0,100}</a>")
_BREAK: Final = re.compile(r"(?i)<(?:br|/p|/div|/li|/h[1-6]|/blockquote|/tr)\b[^<>]{0,2000}>")
_TAG: Final = re.compile(
    r"(?i)</?(?:a|abbr|b|blockquote|br|code|div|em|figcaption|figure|h[1-6]|hr|i|img|li|noscript|ol|p|pre|s|small|span"
    r"|strong|sub|sup|table|tbody|td|th|thead|tr|u|ul|video)(?=[\s/>])[^<>]{0,2000}>"
)
_ADDRESS: Final = re.compile(r"[^\s\x00-\x20\x7f<>\"\\^`{|}]{1,2000}")
_BETWEEN_ADDRESSES: Final = re.compile(r"\s*,\s*(?=https?:)", re.IGNORECASE)


def said(text: str) -> str:
    """The words as plain text: tags and entities resolved, people's names gone."""
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", _LINKED_NAME.sub(SOMEBODY, text)))
    if "&" in text:
        text = html.unescape(text)
    text = _ANSWERED.sub(f"回复 {SOMEBODY}:", text)
    return _CALLED.sub(lambda found: found["mail"] or SOMEBODY, text).strip()


def says_nothing(text: str) -> bool:
    """Whether nothing is left but calls to people, punctuation and blanks."""
    return not any(letter.isalnum() for letter in _CALL.sub("", text))


def joined(parts: Iterable[str]) -> str:
    """Title and texts under each other, without those that another begins with."""
    kept: dict[str, str] = {}
    for part in parts:
        bare = "".join(part.split()).removesuffix("...").rstrip("…")
        if any(other.startswith(bare) for other in kept):
            continue
        kept = {other: text for other, text in kept.items() if not bare.startswith(other)} | {bare: part}
    return "\n".join(kept.values())


def moment(text: str, name: str) -> datetime | None:
    """When: seconds or milliseconds since 1970, else a date of China's clock; None where empty.

    Times told from now ("3小时前") and dates without a year are refused: read another day they would be others.

    Raises:
        RowError: bad_date.
    """
    text = text.strip()
    if len(text) > _TIME_LENGTH:
        raise RowError("bad_date", f"{name} has {len(text)} characters")
    if text.isascii() and text.isdigit():
        if int(text) in _SECONDS:
            return _EPOCH + timedelta(seconds=int(text))
        if int(text) // 1000 in _SECONDS:
            return _EPOCH + timedelta(milliseconds=int(text))
    return _CLOCK.at(text, name)


def link(text: str) -> str:
    """A web address without query and fragment, where tokens and traces are; "" where it is none."""
    parts = _web(text)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")) if parts else ""


def pictures(*texts: str) -> tuple[str, ...]:
    """The web addresses in comma-joined lists, whole, for signed ones open no other way; each once."""
    single = (address.strip() for text in texts for address in _BETWEEN_ADDRESSES.split(text))
    return tuple(dict.fromkeys(address for address in single if _web(address)))


def _web(text: str) -> SplitResult | None:
    bare = text.strip()
    if not _ADDRESS.fullmatch(bare) or not bare.isprintable():
        return None
    try:
        parts = urlsplit(bare)
        # Asked for only to see that it can be told.
        _ = parts.port
    except ValueError:
        return None
    usable = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return parts if usable else None
