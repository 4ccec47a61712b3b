"""What is wrong with a list, against a slow and plain reference; each finding names its lines in both languages."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from geoapp.assign.catalogue import CatalogueMatter
from geoapp.assign.duties import Duty
from geoapp.assign.implementation import Step
from geoapp.assign.list_check import WORDS, Finding, Known, check_catalogue, check_duties, check_steps

DAY = date(2026, 1, 1)
OFFICES = ("S1", "S2", "S3", "S4")
DISTRICTS = ("D1", "D1", "D2", "D2")
MATTERS = {"hole": "road", "crack": "road", "noise": "life"}
KNOWN = Known(
    DAY, MATTERS, frozenset({"S1", "S2", "S3", "D1", "D2", "bureau"}), ("districts", "offices"),
    {"districts": DISTRICTS, "offices": OFFICES},
    {"districts": frozenset(DISTRICTS), "offices": frozenset(OFFICES)},
    {("districts", "D1"): "D1", ("districts", "D2"): "D2", ("offices", "S1"): "S1", ("offices", "S2"): "S2",
     ("offices", "S3"): "S3"},
    frozenset({"lamp"}), {("lamp", "owner"): frozenset({"bureau", "somebody"})}, frozenset({"张伟"}),
)  # fmt: skip


def kinds(*lines: Duty) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in check_duties(lines, KNOWN).findings:
        found.setdefault(one.kind, []).extend(one.lines)
    found.pop("gap", None)
    return found


def test_names_that_nobody_knows_are_found_with_their_lines() -> None:
    lines = (
        Duty("a", matter="none", unit="bureau"), Duty("b", category="none", unit="bureau"),
        Duty("c", level="wards", unit="bureau"), Duty("d", level="offices", area="S9", unit="bureau"),
        Duty("e", area="S1", unit="bureau"), Duty("f", asset_class="tram", unit="bureau"), Duty("g", unit="none"),
        Duty("h", unit="bureau", assisting=("none",), matter="noise"), Duty("i", category="life", matter="hole"),
        Duty("j", matter="hole"), Duty("k", matter="crack", level="offices", person="李四"),
        Duty("l", asset_class="lamp", party="owner"), Duty("m", matter="noise", level="offices", area="S4"),
    )  # fmt: skip
    assert kinds(*lines) == {
        "matter_unknown": ["a"], "category_unknown": ["b"], "level_unknown": ["c"], "area_unknown": ["d"],
        "area_of_no_level": ["e"], "asset_class_unknown": ["f"], "unit_unknown": ["g", "h"], "category_other": ["i"],
        "nobody": ["i", "j"], "person_unknown": ["k"], "party_unknown": ["l"], "area_without_unit": ["m"],
    }  # fmt: skip


def test_lines_that_answer_otherwise_with_equal_right_overlap() -> None:
    one = Duty("a", matter="hole", level="offices", area="S1", unit="S1")
    assert kinds(one, replace(one, code="b", unit="S2")) == {"overlap": ["a", "b"]}
    assert kinds(one, replace(one, code="b")) == {"same": ["b"]}
    assert kinds(one, replace(one, code="b", unit="S2", priority=1)) == {"shadowed": ["a"]}
    assert kinds(one, replace(one, code="b", unit="S2", level="districts", area="D1")) == {}
    # Where a matter is named, its category says nothing more.
    assert kinds(one, replace(one, code="b", unit="S2", category="road")) == {"overlap": ["a", "b"]}
    until, since = (
        replace(one, valid_to=date(2026, 3, 31)),
        replace(one, code="b", unit="S2", valid_from=date(2026, 4, 1)),
    )
    assert kinds(until, since) == {}
    assert kinds(until, replace(since, valid_from=date(2026, 3, 31))) == {"overlap": ["a", "b"]}


def test_lines_that_never_answer_are_found() -> None:
    everything = Duty("all", unit="bureau")
    road = Duty("road", category="road", level="offices", unit="bureau")
    hole = Duty("hole", matter="hole", level="offices", unit="D1")
    assert kinds(everything, road, hole) == {}
    crack = replace(hole, code="crack", matter="crack")
    assert kinds(everything, road, hole, crack) == {"shadowed": ["road"]}
    # While it lasts only, another goes first.
    assert kinds(everything, road, hole, replace(crack, valid_to=date(2027, 1, 1))) == {}
    assert kinds(replace(hole, valid_to=date(2025, 12, 31))) == {"expired": ["hole"]}
    assert kinds(replace(hole, valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1))) == {"days": ["hole"]}


def test_gaps_are_counted_by_category_and_by_how_they_are_answered() -> None:
    found = check_duties(
        [
            Duty("a", matter="hole", level="offices"),  # S4 has no unit
            Duty("b", matter="crack", asset_class="lamp", party="owner"),
            Duty("c", category="life", level="districts", area="D1", unit="D1"),
            Duty("d", category="road", level="districts", area="D2", unit="D2", fallback=True),
        ],
        KNOWN,
    )
    life, road = found.matrix
    assert (life.category, life.answered, life.nobody) == ("life", 2, 2)
    assert (road.answered, road.by_asset, road.by_fallback, road.nobody) == (3, 2, 3, 0)
    (gap,) = [one for one in found.findings if one.kind == "gap"]
    assert gap.words("en") == "nobody answers: 2 pairs (1 matters, 2 areas), such as life: noise × S3, noise × S4"
    assert "无人负责：2 处" in gap.words("zh")


def test_catalogues_and_implementation_lists_are_looked_over() -> None:
    hole = CatalogueMatter("hole", "road", {"zh": "坑"}, {"zh": "道路"})
    lines = [
        hole, replace(hole, code="a", category_names={"zh": "公路"}), replace(hole, code="b", parent="works"),
        replace(hole, code="c", category="works", parent="works"),
    ]  # fmt: skip
    assert {(one.kind, one.lines) for one in check_catalogue(lines).findings} == {
        ("names_differ", ("a",)), ("parent_differs", ("b",)), ("parent_itself", ("b",)), ("parent_itself", ("c",)),
    }  # fmt: skip
    step = Step("s1", "S1", 1, {"zh": "查看"}, matter="hole")
    found = check_steps([step, replace(step, code="s2"), Step("s3", "none", 1)], KNOWN, {"S1", "S2"})
    assert [(one.kind, one.what, one.lines) for one in found.findings] == [
        ("unit_unknown", "none", ("s3",)), ("steps_twice", "1", ("s2",)), ("unit_without_steps", "S2", ()),
    ]  # fmt: skip


def test_each_finding_is_said_in_both_languages() -> None:
    counts = {"pairs": 1, "matters": 1, "areas": 1}
    for kind in WORDS:
        said = Finding(kind, ("R-1",), "X", counts)
        assert re.search("[一-鿿]", said.words("zh")) and "R-1" in said.words("zh")
        assert not re.search("[一-鿿]", said.words("en")) and "R-1" in said.words("en")


# A plain reference


def plain_gaps(lines: list[Duty]) -> set[tuple[str, str]]:
    def answers(line: Duty, matter: str, place: int) -> bool:
        if line.matter not in ("", matter) or line.category not in ("", MATTERS[matter]):
            return False
        if line.asset_class or line.party or (line.valid_from and line.valid_from > DAY):
            return False
        if line.valid_to and line.valid_to < DAY:
            return False
        if not line.level:
            return True
        code = KNOWN.places[line.level][place]
        return line.area in ("", code) and (bool(line.unit) or (line.level, code) in KNOWN.area_units)

    return {
        (matter, OFFICES[place])
        for matter in MATTERS
        for place in range(len(OFFICES))
        if not any(answers(line, matter, place) for line in lines)
    }


def plain_shadowed(lines: list[Duty]) -> set[str]:
    def rank(line: Duty) -> tuple[int, int, int]:
        depth = KNOWN.levels.index(line.level) + 1 if line.level else 0
        return 2 if line.matter else 1 if line.category else 0, depth + (2 if line.area else 0), line.priority

    def cells(line: Duty) -> set[tuple[str, int]]:
        return {
            (matter, place)
            for matter in MATTERS
            for place in range(len(OFFICES))
            if line.matter in ("", matter)
            and (line.matter or line.category in ("", MATTERS[matter]))
            and (not line.level or line.area in ("", KNOWN.places[line.level][place]))
        }

    def before(line: Duty, matter: str, place: int) -> bool:
        return any(
            rank(other) > rank(line) and (matter, place) in cells(other)
            for other in lines
            if (other.asset_class, other.party, other.fallback) == (line.asset_class, line.party, line.fallback)
            and (other.valid_from is None or other.valid_from <= DAY)
            and other.valid_to is None
            and not (other.level and not other.unit and not other.party)
        )

    there = [line for line in lines if not (line.valid_to and line.valid_to < DAY)]
    lines = there
    return {line.code for line in there if cells(line) and all(before(line, *cell) for cell in cells(line))}


@st.composite
def duties(draw: st.DrawFn) -> Duty:
    level = draw(st.sampled_from(("", "districts", "offices")))
    area = draw(st.sampled_from(("", *sorted(KNOWN.areas[level])))) if level else ""
    matter = draw(st.sampled_from(("", *MATTERS)))
    category = "" if matter else draw(st.sampled_from(("", "road", "life")))
    unit = draw(st.sampled_from(("", "bureau", "D1"))) if level else "bureau"
    since, until = draw(
        st.sampled_from(((None, None), (None, None), (date(2027, 1, 1), None), (None, date(2025, 1, 1))))
    )
    return Duty(
        "", category, matter, level, area, draw(st.sampled_from(("", "lamp"))),
        draw(st.sampled_from(("", "", "owner"))), unit,
        priority=draw(st.integers(0, 1)), valid_from=since, valid_to=until, fallback=draw(st.booleans()),
    )  # fmt: skip


@given(st.lists(duties(), max_size=12))
@settings(max_examples=300, deadline=None)
def test_gaps_and_dead_lines_are_those_of_a_plain_look(drawn: list[Duty]) -> None:
    lines = [replace(line, code=f"R{nth}") for nth, line in enumerate(drawn)]
    found = check_duties(lines, KNOWN)
    plain = [line for line in lines if not line.fallback]
    open_ = plain_gaps(plain)
    conditional = {line.code for line in plain if line.asset_class or line.party}
    assert sum(one.answered for one in found.matrix) == len(MATTERS) * len(OFFICES) - len(open_)
    if not conditional:
        nobody = len(plain_gaps(lines)) if not any(line.asset_class or line.party for line in lines) else None
        assert nobody is None or sum(one.nobody for one in found.matrix) == nobody
    said = {line for one in found.findings if one.kind == "shadowed" for line in one.lines}
    assert said == plain_shadowed(lines)


def test_four_thousand_matters_and_ten_thousand_lines_take_seconds() -> None:
    matters = {f"m{nth}": f"c{nth % 18}" for nth in range(4000)}
    offices, districts = [f"S{nth}" for nth in range(500)], [f"D{nth % 20}" for nth in range(500)]
    known = Known(
        DAY, matters, frozenset({*offices, *districts}), ("districts", "offices"),
        {"districts": districts, "offices": offices},
        {"districts": frozenset(districts), "offices": frozenset(offices)},
    )  # fmt: skip
    lines = [
        Duty(f"R{nth}", matter=f"m{nth * 7 % 4000}", level="offices", area=offices[nth * 13 % 500], unit="S1")
        for nth in range(10_000)
    ]
    start = time.perf_counter()
    found = check_duties(lines, known)
    assert time.perf_counter() - start < 10
    assert sum(one.answered for one in found.matrix) == len({(line.matter, line.area) for line in lines})
