"""Shenzhen: its layers as a gazetteer takes them, and complaints written about places that are known.

How people say it follows the messages of the 2020 contest (subject lines, "A路与B路交汇处", letters that tell a story
first); the words are written anew. Every hard kind of text has its own recipe, so that figures tell which part is weak.
"""

from __future__ import annotations

import csv
import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray
from opencc import OpenCC
from pypinyin import lazy_pinyin

from geoapp.locate.gazetteer import Layer
from geoapp.locate.names import Kind
from tests.locate.evaluation.cases import Case, side

CRS: Final = "EPSG:4547"
CITY: Final = ("深圳市", "深圳")


@dataclass(frozen=True, slots=True)
class Material:
    """The files read."""

    districts: Any
    offices: Any
    roads: Any
    spots: list[dict[str, str]]
    communities: list[dict[str, str]]
    crossings: list[dict[str, str]]


def read(folder: Path) -> Material:
    """What lies in the folder of Shenzhen's data."""
    with gzip.open(folder / "pois.csv.gz", "rt", encoding="utf-8") as file:
        spots = list(csv.DictReader(file))
    with gzip.open(folder / "road_intersections.csv.gz", "rt", encoding="utf-8") as file:
        crossings = list(csv.DictReader(file))
    with (folder / "community_points_approx.csv").open(encoding="utf-8") as file:
        communities = list(csv.DictReader(file))
    return Material(
        geopandas.read_file(folder / "districts.geojson"), geopandas.read_file(folder / "streets.geojson"),
        geopandas.read_file(f"/vsigzip/{folder / 'roads_named.geojson.gz'}"), spots, communities, crossings,
    )  # fmt: skip


def layers(of: Material) -> list[Layer]:
    """The layers of a gazetteer."""
    hills = [row for row in of.spots if row["category"] == "山名"]
    stations = [row for row in of.spots if row["category"] == "地铁站"]
    marks = [row for row in of.spots if row["category"] not in ("山名", "地铁站")]
    return [
        Layer("districts", Kind.AREA, list(of.districts.name), _shapes(of.districts), level=0),
        Layer("street_offices", Kind.AREA, list(of.offices.name), _shapes(of.offices), level=1),
        Layer("roads_named", Kind.ROAD, [name.strip() for name in of.roads.name], _shapes(of.roads)),
        Layer("landmarks", Kind.LANDMARK, [row["name"] for row in marks], _points(marks)),
        Layer("stations", Kind.STATION, [row["name"] for row in stations], _points(stations), radius_m=150),
        Layer(
            "communities", Kind.COMMUNITY, [row["community"] for row in of.communities], _points(of.communities),
            radius_m=700,
        ),
        Layer("hills", Kind.HILL, [row["name"] for row in hills], _points(hills), radius_m=200),
    ]  # fmt: skip


def _shapes(frame: Any) -> NDArray[np.object_]:
    return np.array(frame.geometry.values, dtype=object)


def _points(rows: Sequence[dict[str, str]]) -> NDArray[np.object_]:
    return np.array([shapely.Point(float(row["lon"]), float(row["lat"])) for row in rows], dtype=object)


# What people write

PROBLEMS: Final = (
    "道路坑洼不平，车辆颠簸", "路灯不亮已经好几天了，晚上很不安全", "井盖松动，车一过就响", "垃圾堆放没人清理，臭气熏天", "夜间施工噪音扰民",
    "下雨就积水，行人没法走", "人行道地砖破损，老人容易摔倒", "红绿灯时间太短，过不了几台车", "违停严重，消防通道被占", "共享单车乱停放挡住盲道",
    "护栏被撞坏无人修", "路面塌陷，请尽快处理", "污水外溢", "流动摊贩占道经营", "树枝挡住信号灯", "标线看不清了",
)  # fmt: skip
OPENINGS: Final = (
    "",
    "",
    "",
    "您好，",
    "尊敬的领导：您好！",
    "请问",
    "反映：",
    "投诉",
    "建议整治",
    "咨询一下，",
    "有关部门请看看，",
)
ENDINGS: Final = ("", "。", "，请尽快处理。", "！", "，望有关部门重视，谢谢。", "，一直没人管？")
LETTERS: Final = (
    "我们一家几口每天都要经过这里，孩子上学、老人买菜都不方便。",
    "这个问题已经存在大半年了，多次打电话都没有结果，互相推诿。",
    "作为一名普通市民，我对城市的发展感到高兴，但有些小事还需要有人管。",
    "希望有关部门派人到现场看一看，给我们一个答复。",
)
ABROAD: Final = (
    "广州市天河区", "东莞市长安镇", "杭州", "长沙市岳麓区", "长沙市芙蓉区", "惠州市惠阳区", "北京市朝阳区", "成都", "上海市浦东新区", "上海", "武汉",
    "我在广州，", "地址：上海市静安区", "邵阳市大祥区", "大理市下关镇", "湖南省岳阳市岳阳楼区", "宝鸡市，", "海口市龙华区", "珠海", "A市B3区",
)  # fmt: skip


class Writer:
    """Makes texts by chance, repeatably."""

    def __init__(self, of: Material, seed: int = 7) -> None:
        self.of, self.chance = of, random.Random(seed)
        self.districts = sorted(of.districts.name)
        names = Counter(name.strip() for name in of.roads.name)
        self.names = names
        self.traditional = OpenCC("s2t")
        self.lines = {
            name.strip(): shape for name, shape in zip(of.roads.name, of.roads.geometry, strict=True)
        }  # fmt: skip
        communities = [row["community"] for row in of.communities]
        self.all_names = {*names, *(row["name"] for row in of.spots), *communities}
        middles = {name: (line.centroid.x, line.centroid.y) for name, line in self.lines.items()}
        marks = {row["name"]: (float(row["lon"]), float(row["lat"])) for row in of.spots}
        self.spots = (
            middles | marks | {row["community"]: (float(row["lon"]), float(row["lat"])) for row in of.communities}
        )
        self.sound = {name: "".join(lazy_pinyin(name)) for name in sorted(self.all_names)}
        self.sounding: dict[str, list[str]] = defaultdict(list)
        for name, sound in self.sound.items():
            self.sounding[sound].append(name)
        self.slips = Counter(slip for name in self.all_names for slip in set(slips(name)))

    def problem(self) -> str:
        """What is wrong there."""
        return self.chance.choice(PROBLEMS)

    def say(self, place: str) -> str:
        """A complaint about a place."""
        one = self.chance
        form = one.random()
        if form < 0.6:
            return f"{one.choice(OPENINGS)}{place}{self.problem()}{one.choice(ENDINGS)}"
        if form < 0.8:
            return f"{one.choice(OPENINGS)}在{place}，{self.problem()}{one.choice(ENDINGS)}"
        return f"{self.problem()}，位置在{place}{one.choice(ENDINGS)}"

    def area(self, row: dict[str, str]) -> str:
        """The area in front of a name, in one of the ways people give it."""
        street, district = row["street"], row["district"]
        return self.chance.choice(
            ("", district, street, f"{district}{street}", f"深圳市{district}", district[:2], f"深圳{street}")
        )

    def crossing(self, a: str, b: str) -> str:
        """Two roads as a crossing."""
        return self.chance.choice(
            (f"{a}与{b}交叉口", f"{a}和{b}路口", f"{a}与{b}交汇处", f"{a}{b}路口", f"{a}、{b}交界处", f"{a}/{b}路口",
             f"{a}与{b}的十字路口", f"{a}和{b}交叉路口", f"{a}与{b}丁字路口", f"{a}和{b}转角")
        )  # fmt: skip


def slips(name: str) -> list[str]:
    """What one slip makes of a name: two characters changed places, or one left out; its last ones stay."""
    at = range(len(name) - 2)
    changed = [name[:nth] + name[nth + 1] + name[nth] + name[nth + 2 :] for nth in at]
    return [slip for slip in (*changed, *(name[:nth] + name[nth + 1 :] for nth in at)) if slip != name]


@dataclass(frozen=True, slots=True)
class Place:
    """A known place and how it is said."""

    name: str
    words: str
    row: dict[str, str]
    lon: float
    lat: float
    exact: bool


def _crossing_places(write: Writer) -> list[Place]:
    """Crossings of roads with real names that meet at one place only."""
    found: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in write.of.crossings:
        a, b = row["road_a"].strip(), row["road_b"].strip()
        if _named(a) and _named(b):
            found[a, b].append(row)
    places = []
    for (a, b), rows in found.items():
        x, y = [float(row["lon"]) for row in rows], [float(row["lat"]) for row in rows]
        if max(x) - min(x) < 0.0008 and max(y) - min(y) < 0.0008:
            first, second = write.chance.sample((a, b), 2)
            places.append(
                Place(
                    a + b,
                    write.crossing(first, second),
                    rows[0] | {"a": first, "b": second},
                    sum(x) / len(x),
                    sum(y) / len(y),
                    True,
                )
            )
    return places


def _named(name: str) -> bool:
    return all("\u4e00" <= sign <= "\u9fff" for sign in name) and len(name) >= 3


def _landmark_places(write: Writer) -> list[Place]:
    counts = Counter(row["name"] for row in write.of.spots)
    places = []
    for row in write.of.spots:
        name = row["name"]
        if (
            row["category"] == "山名"
            or counts[name] > 1
            or len(name) < 4
            or name.startswith("AED")
            or not row["street"]
        ):
            continue
        if any("a" <= sign.lower() <= "z" for sign in name):
            continue
        tail = write.chance.choice(("", "旁边", "附近", "对面", "门口", "门前", "周边", "后面"))
        places.append(Place(name, f"{name}{tail}", row, float(row["lon"]), float(row["lat"]), True))
    return places


def _road_places(write: Writer) -> list[Place]:
    """Roads that lie in one street office, said alone; the truth is some point of the road."""
    places = []
    offices = write.of.offices
    frame = write.of.roads
    counts = write.names
    tree = shapely.STRtree(_shapes(offices))
    for name, shape in zip(frame.name, frame.geometry, strict=True):
        name = name.strip()
        if not _named(name) or counts[name] > 1:
            continue
        spot = shape.interpolate(write.chance.random(), normalized=True)
        ends = [shape.interpolate(share, normalized=True) for share in (0.05, 0.5, 0.95)]
        homes = {int(at) for end in (*ends, spot) for at in tree.query(end, predicate="within")}
        if len(homes) != 1:
            continue
        office = offices.iloc[homes.pop()]
        row = {"street": office["name"], "district": office["district"]}
        places.append(
            Place(
                name,
                f"{name}{write.chance.choice(('', '上', '段', '沿线', '人行道', '中间'))}",
                row,
                spot.x,
                spot.y,
                False,
            )
        )
    return places


def _community_places(write: Writer) -> list[Place]:
    counts = Counter(row["community"] for row in write.of.communities)
    return [
        Place(row["community"], row["community"] + write.chance.choice(("", "内", "居委会旁", "附近")), row,
              float(row["lon"]), float(row["lat"]), False)
        for row in write.of.communities if counts[row["community"]] == 1
    ]  # fmt: skip


# Recipes: a place to a text. Each says one hard thing.

_DIGITS: Final = dict(zip("一二三四五六七八九", "123456789", strict=True))
_ALIKE: Final = (
    "深申 南男 路陆 华花 龙隆 福富 海孩 山三 新心 安按 景井 坪平 石十 岗刚 田甜 湖胡 港巷 林临 民明 梅没 园圆 布步 宝保 中钟 大达 沙砂 "
    "高糕 文闻 和河 兴星 建健 科棵 翠脆 莲连 泰太 丰风 光广 城程 岭领 围为 坑坎 塘糖 沿延 笋损 彩采 红虹 爱艾 桂贵 桥乔 振镇 佳家"
)  # fmt: skip
_SOUNDS: Final = tuple(_ALIKE.split())


def easy(write: Writer, place: Place) -> str:
    """As the register says it."""
    return write.say(write.area(place.row) + place.words)


def bare(write: Writer, place: Place) -> str:
    """Without any area."""
    return write.say(place.words)


def traditional(write: Writer, place: Place) -> str:
    """In traditional characters."""
    return write.traditional.convert(easy(write, place))


def wide(write: Writer, place: Place) -> str:
    """Digits for numerals, full-width."""
    words = "".join(_DIGITS.get(sign, sign) for sign in place.words)
    if write.chance.random() < 0.4:
        words = "".join(chr(ord(sign) + 0xFEE0) if sign in "0123456789" else sign for sign in words)
    return write.say(write.area(place.row) + words)


def sound(write: Writer, place: Place) -> str:
    """One character that sounds the same in place of another."""
    name = place.row.get("a", place.name)
    for pair in write.chance.sample(_SOUNDS, len(_SOUNDS)):
        for right, wrong in (pair, pair[::-1]):
            # The last character says what kind of place it is, and no input method errs there.
            said = name.replace(right, wrong, 1)
            if right in name[:-1] and said not in write.all_names:
                return write.say(write.area(place.row) + place.words.replace(name, said, 1))
    return ""


def slip(write: Writer, place: Place) -> str:
    """Two characters changed places, or one was left out, so that it is no other name's as well."""
    name = place.row.get("a", place.name)
    if len(name) < 4:
        return ""
    told = [one for one in slips(name) if one not in write.all_names and write.slips[one] == 1]
    if not told:
        return ""
    return write.say(write.area(place.row) + place.words.replace(name, write.chance.choice(told), 1))


def moving(write: Writer, place: Place) -> str:
    """After where somebody came from and was going."""
    one, other = write.chance.sample(write.districts, 2)
    start = write.chance.choice(
        (
            f"从{one[:2]}开车去{other[:2]}，",
            f"今天坐车从{one}到{other}上班，",
            f"我开车去{other[:2]}，路上",
            f"每天从{one[:2]}去{other[:2]}上班，",
        )
    )
    return f"{start}{write.chance.choice(('经过', '在', '看到', '发现'))}{place.row['district']}{place.words}{write.problem()}"


def another_time(write: Writer, place: Place) -> str:
    """After something that was put right."""
    other = write.chance.choice(sorted(write.names))
    return write.chance.choice(
        (f"上次反映的{other}路灯问题已修好，这次是{place.row['district']}{place.words}{write.problem()}",
         f"之前{other}的坑洼已经修好了，谢谢。现在{place.words}又{write.problem()}",
         f"去年{other}积水已解决，今天发现{place.row['street']}{place.words}{write.problem()}")
    )  # fmt: skip


def home(write: Writer, place: Place) -> str:
    """With where the speaker lives, or what it is like elsewhere."""
    other = write.chance.choice(write.districts)
    road = write.chance.choice(sorted(write.names))
    return write.chance.choice(
        (f"我住在{other}，{place.row['district']}{place.words}{write.problem()}", f"家住{road}，发现{place.words}{write.problem()}",
         f"{place.words}{write.problem()}，比{road}差远了", f"{place.row['street']}{place.words}{write.problem()}，希望学习{road}的做法")
    )  # fmt: skip


def posted(write: Writer, place: Place) -> str:
    """As a post, with tags and names."""
    tag = write.chance.choice(("#随手拍#", "#城市治理#", "#深圳#", "#避雷#"))
    return f"{tag} {place.words}{write.problem()}@深圳发布 {write.chance.choice(('求转发', '有人管吗', '[捂脸]', ''))}"


def latin(write: Writer, place: Place) -> str:
    """In pinyin, as phones without a Chinese keyboard write."""
    names = [place.row[key] for key in ("a", "b") if key in place.row] or [place.name]
    if len(names) == 1 and len(write.sounding[write.sound[names[0]]]) > 1:
        # What several names sound like has no answer: there are cases of their own.
        return ""
    return _in_letters(write, names)


def _in_letters(write: Writer, names: Sequence[str]) -> str:
    parts = [lazy_pinyin(name) for name in names]
    if any(not part.isascii() or not part.isalpha() for name in parts for part in name):
        return ""
    joint = write.chance.choice(("", " "))
    said = " yu ".join(joint.join(name) for name in parts)
    tail = "lukou" if len(names) > 1 else write.chance.choice(("pangbian", "fujin", ""))
    return f"{said} {tail} {write.chance.choice(('ludeng huaile', 'jishui', 'laji meiren guan'))}"


def letter(write: Writer, place: Place) -> str:
    """Somewhere in a long letter."""
    parts = list(LETTERS)
    write.chance.shuffle(parts)
    parts.insert(write.chance.randrange(0, 3), f"{write.area(place.row)}{place.words}{write.problem()}。")
    return "尊敬的领导：您好！" + "".join(parts) + "此致敬礼"


RECIPES: Final[tuple[tuple[str, Callable[[Writer, Place], str]], ...]] = (
    ("easy", easy), ("bare", bare), ("traditional", traditional), ("digits", wide), ("homophone", sound), ("slip", slip),
    ("moving", moving), ("another time", another_time), ("home", home), ("post", posted), ("letter", letter),
    ("pinyin", latin),
)  # fmt: skip


MISSPELT: Final = ("homophone", "slip", "pinyin", "sound of several names")
"""How the kinds of cases end whose names are not written as they are."""


def cases(of: Material, each: int = 120) -> list[Case]:
    """So many texts of every recipe for crossings, landmarks, roads and communities, and those without an answer."""
    write = Writer(of)
    kinds = {
        "crossing": _crossing_places(write), "landmark": _landmark_places(write), "road": _road_places(write),
        "community": _community_places(write),
    }  # fmt: skip
    found: list[Case] = []
    for what, places in kinds.items():
        for recipe, make in RECIPES:
            chosen = _chosen(write, places, recipe)
            made = 0
            for place in chosen:
                text = make(write, place)
                if text:
                    found.append(Case(f"{what}, {recipe}", text, place.lon, place.lat, place.exact, side(place.name)))
                    made += 1
                if made >= each:
                    break
    found += _offsets(write, kinds["crossing"], each)
    found += _stretches(write, each)
    found += _shared_names(write, each)
    found += list(_nowhere(write, kinds, each))
    return found


def _chosen(write: Writer, places: Sequence[Place], recipe: str) -> list[Place]:
    every = list(places)
    write.chance.shuffle(every)
    if recipe == "digits":
        return [place for place in every if any(sign in _DIGITS for sign in place.name[-4:])]
    return every


def _offsets(write: Writer, places: Sequence[Place], each: int) -> Iterator[Case]:
    """So many metres along the road from a crossing; the truth lies on the road."""
    ways = {"东": (1.0, 0.0), "南": (0.0, -1.0), "西": (-1.0, 0.0), "北": (0.0, 1.0)}
    made = 0
    for place in write.chance.sample(list(places), len(places)):
        line = write.lines.get(place.row["a"])
        if line is None or write.names[place.row["a"]] > 1:
            continue
        metres = write.chance.choice((100, 150, 200, 300))
        start = line.project(shapely.Point(place.lon, place.lat))
        for sign in (1, -1):
            at = start + sign * metres / 105_000
            if not 0 < at < line.length:
                continue
            spot = line.interpolate(at)
            east, north = (spot.x - place.lon) * 0.924, spot.y - place.lat
            if np.hypot(east, north) * 111_320 < 0.85 * metres:
                continue
            way, (dx, dy) = max(ways.items(), key=lambda one: one[1][0] * east + one[1][1] * north)
            if dx * east + dy * north < 0.93 * np.hypot(east, north):
                continue
            words = f"{place.row['a']}与{place.row['b']}路口往{way}{metres}米"
            yield Case("crossing, offset", write.say(words), spot.x, spot.y, True, side(place.name))
            made += 1
            break
        if made >= each:
            return


def _stretches(write: Writer, each: int) -> Iterator[Case]:
    """A road between two others; the truth is its middle."""
    by_road: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
    seen = Counter((row["road_a"].strip(), row["road_b"].strip()) for row in write.of.crossings)
    for row in write.of.crossings:
        a, b = row["road_a"].strip(), row["road_b"].strip()
        if _named(a) and _named(b) and seen[a, b] == 1 and write.names[a] == write.names[b] == 1:
            by_road[a].append((b, float(row["lon"]), float(row["lat"])))
            by_road[b].append((a, float(row["lon"]), float(row["lat"])))
    made = 0
    for name in write.chance.sample(sorted(by_road), len(by_road)):
        line = write.lines[name]
        if len(by_road[name]) < 2 or line.geom_type != "LineString":
            continue
        (b, bx, by), (c, cx, cy) = write.chance.sample(by_road[name], 2)
        from_, to = line.project(shapely.Point(bx, by)), line.project(shapely.Point(cx, cy))
        if not 0.001 < abs(from_ - to) < 0.012:
            continue
        spot = line.interpolate((from_ + to) / 2)
        words = write.chance.choice(
            (f"{name}从{b}到{c}段", f"{name}{b}至{c}段", f"{name}（{b}至{c}）路段", f"{name}在{b}和{c}之间")
        )
        yield Case("road, stretch", write.say(words), spot.x, spot.y, False, side(name))
        made += 1
        if made >= each:
            return


def _shared_names(write: Writer, each: int) -> Iterator[Case]:
    """Names that several roads have, told apart by the office or a second road."""
    rows = [
        row
        for row in write.of.crossings
        if max(write.names[row["road_a"].strip()], write.names[row["road_b"].strip()]) > 1
    ]
    pairs = Counter((row["road_a"].strip(), row["road_b"].strip()) for row in rows)
    write.chance.shuffle(rows)
    made = 0
    for row in rows:
        a, b = row["road_a"].strip(), row["road_b"].strip()
        if not (_named(a) and _named(b)) or pairs[a, b] > 1:
            continue
        words = write.chance.choice((row["street"], row["district"])) + write.crossing(a, b)
        yield Case("crossing, shared name", write.say(words), float(row["lon"]), float(row["lat"]), True, side(a + b))
        made += 1
        if made >= each:
            return


def _nowhere(write: Writer, kinds: dict[str, list[Place]], each: int) -> Iterator[Case]:
    """Texts without an answer: of other cities, of no place, of a district alone, of names nobody knows."""
    for place in write.chance.sample(kinds["crossing"] + kinds["road"], each * 2):
        text = write.say(write.chance.choice(ABROAD) + place.words)
        yield Case("none, another city", text, None, None, split=side(place.name))
    for nth in range(each):
        text = write.chance.choice(
            (f"{write.problem()}，请尽快处理", f"公司拖欠工资已经三个月，{write.chance.choice(LETTERS)}", "请问社保断缴后怎么补缴？需要哪些材料？",
             f"小区物业乱收停车费，{write.chance.choice(LETTERS)}", "地铁上有人大声外放视频，建议加强管理", "建议全市推广垃圾分类，多设投放点",
             f"楼下{write.problem()}", "孩子入学积分怎么算，去年和今年的政策不一样", "公交车司机态度恶劣，中途甩客")
        )  # fmt: skip
        yield Case("none, no place", f"{write.chance.choice(OPENINGS)}{text}", None, None, split=side(f"{nth} {text}"))
    for nth in range(each // 2):
        text = write.chance.choice(write.districts) + write.problem()
        yield Case("none, district alone", text, None, None, split=side(f"{nth} {text}"))
    shared = [name for name, sound in write.sound.items() if len(write.sounding[sound]) > 1]
    for name in write.chance.sample(shared, len(shared))[: each // 2]:
        text = _in_letters(write, [name])
        if text and _apart(write, name):
            yield Case("none, sound of several names", text, None, None, split=side(name))
    firsts, lasts = "锦御翡悦澜樾臻铂璟麓", ("府", "名邸", "雅苑二期", "尚城", "云庭", "国际公馆")
    for nth in range(each):
        name = "".join(write.chance.sample(firsts, 2)) + write.chance.choice(lasts)
        text = write.say(
            f"{write.chance.choice(('', *write.districts))}{name}{write.chance.choice(('旁边', '门口', '小区内', ''))}"
        )
        yield Case("none, unknown name", text, None, None, split=side(f"{nth} {name}"))


def _apart(write: Writer, name: str) -> bool:
    """Whether the places that sound like this one lie apart."""
    every = [write.spots[one] for one in write.sounding[write.sound[name]]]
    return any(np.hypot(x - every[0][0], y - every[0][1]) > 0.02 for x, y in every[1:])


def offices_of(of: Material) -> tuple[NDArray[np.object_], list[str]]:
    """The outlines of the street offices and their names."""
    return _shapes(of.offices), list(of.offices.name)


def areas_of(of: Material, cases: Sequence[Case]) -> list[tuple[str | None, str | None]]:
    """The district and the street office that the truth of each case lies in."""
    spots = shapely.points([case.lon or 0.0 for case in cases], [case.lat or 0.0 for case in cases])
    found: list[list[str | None]] = []
    for frame in (of.districts, of.offices):
        names: list[str | None] = [None] * len(cases)
        at, area = shapely.STRtree(_shapes(frame)).query(spots, predicate="within")
        for case, one in zip(at.tolist(), area.tolist(), strict=True):
            names[case] = str(frame.name.iloc[one])
        found.append(names)
    return list(zip(*found, strict=True))
