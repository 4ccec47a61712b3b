"""Words are made storable without changing what they say, and equal content has one digest."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.intake.clean import BODY_LIMIT, LINE_LIMIT, digest, identify, line, moment, text
from geoapp.intake.redact import MARK
from geoapp.tickets.cases import COLUMNS
from importers.base import Report, Reporter, Standing
from tests.make import SAID, make_report

# How long an example takes says how busy the machine is.
UNHURRIED = settings(max_examples=60, deadline=None)

ANY = st.text(st.characters())
HARD = st.text("a \t\r\n\0\ud800\u202e\u2066\ufeff\u200b\u3000e\u0301台", max_size=40)


@UNHURRIED
@given(ANY | HARD)
def test_clean_text_can_be_stored_in_utf8_and_holds_no_control_characters(words: str) -> None:
    for clean in (text(words), line(words)):
        assert ("\0" not in clean and clean.encode("utf-8") and True) or clean == ""


@UNHURRIED
@given(ANY | HARD)
def test_cleaning_twice_is_cleaning_once(words: str) -> None:
    assert text(text(words)) == text(words)
    assert line(line(words)) == line(words)


@UNHURRIED
@given(HARD)
def test_a_line_is_one_line_without_runs_of_spaces(words: str) -> None:
    clean = line(words)
    assert "\n" not in clean and "  " not in clean and clean == clean.strip()


@UNHURRIED
@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=30).map(lambda s: s.strip()))
def test_plain_words_keep_every_letter(words: str) -> None:
    import unicodedata

    assert text(words) == unicodedata.normalize("NFC", words)


@pytest.mark.parametrize("mark", ["\u202e", "\u202a", "\u2066", "\u2069", "\ufeff", "\0", "\x1b", "\x9f", "\udcff"])
def test_what_turns_text_round_or_cannot_be_stored_goes(mark: str) -> None:
    assert text(f"台{mark}阶") == line(f"台{mark}阶") == "台阶"


def test_paragraphs_stay_and_line_ends_become_one_kind() -> None:
    assert text(" a\r\nb\rc\n\td ") == "a\nb\nc\n\td"


def test_texts_are_cut_at_their_limits_and_keep_no_blank_end() -> None:
    assert len(text("台" * (BODY_LIMIT + 5))) == BODY_LIMIT
    assert len(line("a" * (LINE_LIMIT + 5))) == LINE_LIMIT
    assert line("a" * (LINE_LIMIT - 1) + " b").endswith("a")
    assert text("a" * (BODY_LIMIT - 1) + " b").endswith("a")


def test_the_moment_of_taking_is_no_part_of_what_is_said() -> None:
    now = make_report(said_at=None)
    first, later = identify([now], SAID), identify([now], SAID + timedelta(days=1))
    assert first.hash == later.hash
    assert (first.said_at, later.said_at) == ([moment(SAID)], [moment(SAID + timedelta(days=1))])


@UNHURRIED
@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=9))
def test_moments_sort_as_their_times_do(times: list[datetime]) -> None:
    assert [moment(time) for time in sorted(times)] == sorted(moment(time) for time in times)


def test_a_part_of_a_batch_keeps_what_only_few_say() -> None:
    told = [
        make_report("a"),
        make_report("b", reporter=Reporter("x")),
        make_report("c", body="13800000000 a", link="l"),
    ]
    part = identify(told).pick([1, 2])
    assert (part.ref, part.reporters, part.originals) == (
        ["b", "c"],
        {0: Reporter("x")},
        {1: ("13800000000 a", "示例路1号")},
    )
    assert part.posts == {1: ("l", (), "")}


def test_the_time_a_source_gives_is_part_of_what_is_said() -> None:
    assert digest(make_report()) != digest(make_report(said_at=SAID + timedelta(seconds=1)))


def test_one_moment_in_two_zones_is_one_content() -> None:
    there = SAID.astimezone(timezone(timedelta(hours=8)))
    assert digest(make_report()) == digest(make_report(said_at=there))


def test_the_reference_is_no_part_of_what_is_said() -> None:
    assert digest(make_report("A")) == digest(make_report("B")) == digest(make_report(None))


OTHER: dict[str, object] = {
    "said_at": SAID + timedelta(1), "body": "x", "kind": "help", "category": "x", "matter": "x", "address": "x", "x": 1.0,  # noqa: E501
    "y": 1.0, "crs": "BD-09", "unit": "x", "unit_name": "x", "recorded_area": "x", "channel": "x", "urgent": True,
    "public": False, "due_at": SAID, "standing": Standing("closed"), "reporter": Reporter("x"),
    "measured": (("cm", 1.0, "cm"),), "link": "x", "about": "x", "pin": "check_in",
}  # fmt: skip


def test_a_picture_under_a_new_address_is_the_same_content() -> None:
    assert digest(make_report(pictures=("a",))) == digest(make_report(pictures=("b",)))


@pytest.mark.parametrize("name", [field.name for field in fields(Report) if field.name not in ("ref", "pictures")])
def test_every_other_field_is_part_of_what_is_said(name: str) -> None:
    assert digest(make_report()) != digest(replace(make_report(), **{name: OTHER[name]}))


@UNHURRIED
@given(st.tuples(HARD, HARD), st.tuples(HARD, HARD))
def test_words_cannot_move_from_one_field_to_the_next_unnoticed(a: tuple[str, str], b: tuple[str, str]) -> None:
    same = digest(make_report(body=a[0], address=a[1])) == digest(make_report(body=b[0], address=b[1]))
    assert same == (a == b)


def test_a_reference_of_nothing_but_rubbish_is_none() -> None:
    assert identify([make_report(" \0\u202e ")]).ref == [None]


@pytest.mark.parametrize("name", ["category", "matter", "unit", "unit_name", "channel", "recorded_area"])
def test_what_becomes_a_public_name_is_redacted_and_recognised_by_what_it_was(name: str) -> None:
    first, second = (make_report(**{name: f"找{person}号13800000000"}) for person in "12")
    said = identify([first, second])
    assert getattr(said, name) == [f"找1号{MARK}", f"找2号{MARK}"]
    assert said.hash == [digest(first), digest(second)]


def storable(words: str) -> bool:
    return "\0" not in words and not any("\ud800" <= letter <= "\udfff" for letter in words)


def test_every_text_of_a_report_is_made_storable() -> None:
    dirty = "a\0\ud800b"
    said = identify([
        make_report(
            dirty, body=dirty, category=dirty, matter=dirty, address=dirty, unit=dirty, unit_name=dirty,
            recorded_area=dirty, channel=dirty, crs=dirty, reporter=Reporter(dirty, dirty, dirty),
            standing=Standing("closed", None, None, dirty), measured=((dirty, 1.0, dirty),),
            link=dirty, pictures=(dirty,), about=dirty,
        )
    ])  # fmt: skip
    texts = {name: getattr(said, name)[0] for name in COLUMNS}
    found = {name: value for name, value in texts.items() if isinstance(value, str) and not storable(value)}
    (name, _, unit), reporter = said.measured[0][0], said.reporters[0]
    link, pictures, about = said.posts[0]
    few = (name, unit, reporter.name, reporter.phone, reporter.email, link, *pictures, about)
    assert found == {} and all(storable(words) and words for words in few)
