"""The stories planted in a demo city: sites that come back, repairs that fail, voices, works, trenches, disputes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.demo.drawing import ARTERIAL, COLLECTOR
from geoapp.demo.parties import FAILING, POLICE, TRENCHER
from geoapp.demo.planting import Planted, Spoken, Step, Works
from geoapp.demo.spots import ROADS
from geoapp.demo.stage import Stage
from geoapp.demo.weather import DAYS

REPEAT_SITES: Final = 12
"""The least number of sites that come back; more in a larger past."""

VOICES: Final = 14
SOON_DUE: Final = 8
SOON_MIN: Final = 20
LATE_OFFICES: Final = 3
LEAST: Final = 320
"""So many tickets are needed for any story to be told."""

REPEAT: Final = "repeat"
CONTRACTOR: Final = "contractor"
VOICED: Final = "voices"
WORKS: Final = "works"
TRENCH: Final = "trench"
LATE: Final = "late"
DISPUTE: Final = "dispute"
SHELVED: Final = "shelved"
LEAD: Final = "lead"
FALSE_LEAD: Final = "false_lead"
DUE_SOON: Final = "due_soon"
DUPLICATE: Final = "duplicate"

FILED: Final = "filed"
DROPPED: Final = "dropped"

_COMING_BACK: Final = (
    "pothole", "pothole", "blocked-gully", "street-light", "broken-steps", "manhole-cover", "broken-footway",
    "traffic-light", "playground", "sewage",
)  # fmt: skip
_IN_TRENCH: Final = ("cave-in", "pothole", "cave-in", "broken-footway")
_SOON: Final = ("pothole", "street-light", "manhole-cover", "broken-steps", "flooding", "traffic-light", "rubbish")


@dataclass(frozen=True, slots=True)
class Teller:
    """Chance and the stage: what every story is made of."""

    chance: np.random.Generator
    stage: Stage

    def item(self, matter: int, fit: Callable[[NDArray[np.int64]], NDArray[np.bool_]] | None = None) -> int:
        """A place for a matter that nobody could take for another, among those that fit."""
        pool = self.stage.pool(matter)
        weight = pool.weight * pool.sure
        if fit is not None:
            fitting = weight * fit(np.arange(len(pool)))
            weight = fitting if fitting.sum() > 0 else weight
        total = weight.sum()
        return int(self.chance.choice(len(weight), p=weight / total if total > 0 else None))

    def near_heart(self, matter: int, metres: float, classes: tuple[str, ...] = ()) -> int:
        """A place for a matter in the old town, on a road of these classes where they are known."""
        pool = self.stage.pool(matter)
        near = np.hypot(*(pool.xy - self.stage.heart).T) < metres
        fitting = near & np.isin(pool.classes, classes)
        return self.item(matter, lambda at: (fitting if fitting.any() else near)[at])

    def office(self, matter: int, item: int) -> int:
        """The position of the office that answers for a place."""
        return int(self.stage.pool(matter).office[item])

    def keeper(self, matter: int, item: int) -> str:
        """Who keeps the thing at a place, else the code of the unit that answers for it; nobody who is real."""
        if not self.stage.made_up:
            return ""
        told = str(self.stage.pool(matter).maintainers[item])
        return told or self.stage.offices[self.office(matter, item)].code


def plant(chance: np.random.Generator, stage: Stage, tickets: int) -> list[Planted]:
    """The stories of a past of so many tickets, none in one too small for them."""
    if tickets < LEAST:
        return []
    teller = Teller(chance, stage)
    found = [_returning(teller, nth) for nth in range(REPEAT_SITES + min(tickets // 600, 400))]
    if stage.made_up:
        found += [_failing(teller, nth) for nth in range(4 + min(tickets // 2500, 60))]
        found += [_trench(teller, nth) for nth in range(2 + min(tickets // 15_000, 8))]
        found += [_late(teller, office) for office in late_offices(stage)]
    found += [_voices(teller), _works(teller)]
    if stage.made_up:
        found += [_dispute(teller)]
    return [*found, _shelved(teller), _lead(teller), _false_lead(teller), _due_soon(teller)]


def late_offices(stage: Stage) -> tuple[int, ...]:
    """The positions of the offices whose tickets are late far more often; of real ones nothing such is told."""
    if not stage.made_up:
        return ()
    count = len(stage.offices)
    return tuple(sorted({(5 + nth * 8) % count for nth in range(LATE_OFFICES)}))


def told_again(chance: np.random.Generator, tickets: int) -> NDArray[np.int64]:
    """How often each of the problems that neighbours tell again is told again."""
    return chance.integers(1, 4, tickets // 80 if tickets >= LEAST else 0)


def _returning(teller: Teller, nth: int) -> Planted:
    """The same defect at the very same thing, months apart."""
    chance = teller.chance
    matter = teller.stage.number(_COMING_BACK[nth % len(_COMING_BACK)], nth % len(teller.stage.told))
    size = int(chance.integers(3, 7))
    first, last = chance.uniform(DAYS * 0.45, DAYS * 0.95), chance.uniform(3, 40)
    ages = np.maximum(np.linspace(first, last, size) + chance.uniform(-6, 6, size), 0.5)
    return Planted(REPEAT, f"R{nth + 1:03d}", _one_site(teller, matter, teller.item(matter), ages), repeat=True)


def _failing(teller: Teller, nth: int) -> Planted:
    """A hole in a road that the failing contractor keeps: it is back within weeks of each repair."""
    matter = teller.stage.number("pothole")
    keepers = teller.stage.pool(matter).maintainers
    item = teller.item(matter, lambda at: np.asarray(keepers[at] == FAILING, dtype=bool))
    gaps = teller.chance.uniform(17, 38, int(teller.chance.integers(4, 7)))
    ages = (teller.chance.uniform(2, 20) + np.cumsum(gaps) - gaps[0])[::-1]
    return Planted(CONTRACTOR, f"F{nth + 1:03d}", _one_site(teller, matter, item, ages), repeat=True)


def _one_site(teller: Teller, matter: int, item: int, ages: NDArray[np.float64]) -> tuple[Spoken, ...]:
    """The same thing again and again, repaired each time but the last, before it comes back."""
    said = [
        Spoken(age, matter, item, "closed/repaired", float(teller.chance.uniform(1.5, min(9.0, (age - after) * 0.6))))
        for age, after in zip(ages[:-1].tolist(), ages[1:].tolist(), strict=True)
    ]
    return (*said, Spoken(float(ages[-1]), matter, item, "in_hand"))


def _voices(teller: Teller) -> Planted:
    """One hole in the old town, of which fourteen people speak in a day."""
    matter = teller.stage.number("pothole")
    item = teller.near_heart(matter, 1500)
    ages = [2.2, *(2.2 - np.sort(teller.chance.uniform(0.02, 1.1, VOICES - 1))).tolist()]
    return Planted(VOICED, "V001", tuple(Spoken(age, matter, item, again=nth > 0) for nth, age in enumerate(ages)))


_TAKEN_ON: Final = (
    Step("queue", "dispatcher", 0.3),
    Step("dispatch", "dispatcher", 0.8, {"rule": "area"}),
    Step("sign", "unit", 3.0),
)


def _works(teller: Teller) -> Planted:
    """A crossing broken up for a month: hoarding, a traffic plan, the police helping, an end that is promised."""
    matter = teller.stage.number("pothole")
    item = teller.near_heart(matter, 2600, (ARTERIAL, COLLECTOR))
    note = "路面结构层破损，全幅翻修约一个月；半幅施工，半幅通行，请按现场指引绕行。"
    if teller.stage.language != "zh":
        note = "Full rebuilding of the carriageway, half of it at a time; please follow the signs."
    helping = POLICE if teller.stage.made_up else ""
    works = Works(
        teller.keeper(matter, item), 9.2, None, 21.0, (helping,) if helping else (), True, True, note=note
    )  # fmt: skip
    steps = _by_unit(teller, matter, item)
    return Planted(WORKS, "W001", (Spoken(12.0, matter, item, due=22 * 1440.0, steps=steps, works=works),))


def _by_unit(teller: Teller, matter: int, item: int) -> tuple[Step, ...]:
    """Taken on by the unit that answers for the place."""
    unit = teller.stage.offices[teller.office(matter, item)].code
    queue, dispatch, sign = _TAKEN_ON
    return queue, Step(dispatch.name, dispatch.who, dispatch.after_h, dispatch.given, unit), sign


def _trench(teller: Teller, nth: int) -> Planted:
    """A utility digs along a road; within months the ground along the trench gives way, again and again."""
    chance, stage = teller.chance, teller.stage
    pool, dug = stage.pools[ROADS], float(chance.uniform(170, 260))
    items = _row_of_stretches(teller)
    opening = stage.number("hoarding")
    works = Works(
        TRENCHER, dug + 2, dug - 9, liability_days=365, hoarding=True,
        note=f"通信管线沟槽开挖，全长约{len(items) * 100}米，回填后恢复路面。",
    )  # fmt: skip
    twins = [_twin(stage, pool.sites[item], opening) for item in items]
    said = [
        Spoken(dug - 0.1 * at, opening, twin, "closed/explained", 8.0, works=works) for at, twin in enumerate(twins)
    ]
    ages = np.sort(dug - 9 - chance.uniform(12, 110, int(chance.integers(6, 10))))[::-1]
    for at, age in enumerate(ages.tolist()):
        matter = stage.number(_IN_TRENCH[at % len(_IN_TRENCH)])
        item = _twin(stage, pool.sites[items[int(chance.integers(len(items)))]], matter)
        said.append(Spoken(age, matter, item, "closed/repaired", float(chance.uniform(1.5, 8))))
    return Planted(TRENCH, f"T{nth + 1:03d}", tuple(said))


def _row_of_stretches(teller: Teller) -> list[int]:
    """A place on each of three to five neighbouring stretches of one road."""
    pool = teller.stage.pools[ROADS]
    matter = teller.stage.number("cave-in")
    stretch = np.array([int(str(site).rpartition(":")[2]) for site in pool.sites])
    best: list[int] = []
    for _ in range(60):
        item = teller.item(matter)
        mates = np.flatnonzero((pool.codes == pool.codes[item]) & pool.sure)
        by_stretch = {int(stretch[at]): int(at) for at in mates}
        row = [by_stretch[at] for at in range(int(stretch[item]), int(stretch[item]) + 5) if at in by_stretch]
        if len(row) > len(best):
            best = row
        if len(best) >= 4:
            break
    return best


def _twin(stage: Stage, site: object, matter: int) -> int:
    """A place of a matter's own pool at a site, else the first there is."""
    pool = stage.pool(matter)
    here = np.flatnonzero((pool.sites == site) & pool.sure)
    return int(here[0]) if len(here) else 0


def _late(teller: Teller, office: int) -> Planted:
    """An office that lets things lie: open long after they were to be done."""
    said = []
    for age in np.sort(teller.chance.uniform(9, 40, 6))[::-1].tolist():
        matter = teller.stage.number(
            str(teller.chance.choice(("pothole", "broken-footway", "rubbish", "street-light")))
        )
        offices = teller.stage.pool(matter).office
        item = teller.item(matter, lambda at, of=offices: np.asarray(of[at] == office, dtype=bool))  # type: ignore[misc]
        said.append(Spoken(age, matter, item, "in_hand", due=(-age + 5) * 1440.0))
    return Planted(LATE, teller.stage.offices[office].code, tuple(said))


def _dispute(teller: Teller) -> Planted:
    """Two offices say of a thing between them that it is the other's; the ruling names the one that acts first."""
    matter = teller.stage.number("manhole-noise", 1)
    item = teller.item(matter)
    mine = teller.office(matter, item)
    ours, theirs = (teller.stage.offices[at % len(teller.stage.offices)].code for at in (mine, mine + 1))
    steps = (
        Step("queue", "dispatcher", 0.3),
        Step("dispatch", "dispatcher", 0.7, {"rule": "area"}, ours),
        Step("return", "dispatcher", 5.0, {"reason": "not_ours", "proposal": theirs}, note="在道路另一侧，建议改派。"),
        Step("dispatch", "dispatcher", 5.6, {"rule": "proposal"}, theirs),
        Step("dispute", "dispatcher", 21.0, {"reason": "not_ours", "proposal": ours}, note="不在管养范围，申请裁决。"),
        Step("rule", "adjudicator", 44.0, {"reason": "acts_first"}, ours, "首办负责，先办后议：由原承办街道先行处置。"),
        Step("sign", "unit", 45.5),
    )  # fmt: skip
    return Planted(DISPUTE, "D001", (Spoken(4.2, matter, item, due=3 * 1440.0, steps=steps),))


def _shelved(teller: Teller) -> Planted:
    """Something that cannot be mended this year: put on hold with a plan, an owner and a day to look again."""
    matter = teller.stage.number("steep-ramp", 2)
    item = teller.item(matter)
    shelve = Step(
        "shelve", "supervisor", 100.0,
        {"plan": "yearly_works", "review": "40", "owner": teller.stage.offices[teller.office(matter, item)].code},
        note="需重新设计改造方案，已列入下年度改造计划；四十天后复核。",
    )  # fmt: skip
    return Planted(SHELVED, "H001", (Spoken(25.0, matter, item, steps=(*_by_unit(teller, matter, item), shelve)),))


def _lead(teller: Teller) -> Planted:
    """A step found broken in a film that nobody had reported: checked the same day, filed, mended the next."""
    matter = teller.stage.number("broken-steps")
    item = teller.item(matter)
    liable = 365 if teller.stage.made_up else 0
    works = Works(
        teller.keeper(matter, item), 8.1, 7.9, liability_days=liable, note="破损踏步凿除重铺，边角加装防滑条。"
    )
    return Planted(LEAD, "L001", (Spoken(9.0, matter, item, "closed/repaired", 1.3, lead=FILED, works=works),))


def _false_lead(teller: Teller) -> Planted:
    """Posts about things that are not there, or not there any more: looked at on site, and dropped."""
    matter = teller.stage.number("cave-in")
    said = [Spoken(age, matter, teller.item(matter), "declined/declined", 0.4, lead=DROPPED) for age in (16.0, 5.0)]
    return Planted(FALSE_LEAD, "L002", tuple(said))


def _due_soon(teller: Teller) -> Planted:
    """A few that are due in twenty minutes, so that a clock can be seen running out."""
    said = []
    for nth, age in enumerate(np.linspace(1.6, 0.2, SOON_DUE).tolist()):
        matter = teller.stage.number(_SOON[nth % len(_SOON)], nth % len(teller.stage.told))
        item = teller.near_heart(matter, 4000)
        said.append(Spoken(age, matter, item, "in_hand" if nth % 2 else "to_sign", 0.1, due=SOON_MIN))
    return Planted(DUE_SOON, "S001", tuple(said))
