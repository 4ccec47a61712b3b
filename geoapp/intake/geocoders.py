"""Online geocoders, each in its own dialect, by geopy: what one answers, or by a code why it does not.

Points stay in the datum of who gave them, which is kept beside them; whoever judges them turns them into WGS-84.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid5

from geopy.exc import (
    GeocoderAuthenticationFailure,
    GeocoderInsufficientPrivileges,
    GeocoderParseError,
    GeocoderQueryError,
    GeocoderQuotaExceeded,
    GeocoderServiceError,
    GeocoderTimedOut,
    GeocoderUnavailable,
    GeopyError,
)
from geopy.geocoders import BaiduV3, Nominatim
from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location

from geoapp.intake.fetching import OneHost, Redirected, TooLarge
from geoapp.locate.answer import Precision
from geoapp.settings import Settings

# It writes the addresses it asks, key and all, and what it was answered.
logging.getLogger("geopy").disabled = True

LONGEST_NAME: Final = 200

Box = tuple[float, float, float, float]
"""West, south, east, north in WGS-84 degrees."""


class Why(StrEnum):
    """Why there is no answer, or none to be believed."""

    OFF = "off"
    NO_WORDS = "no_words"
    ANOTHER_CITY = "another_city"
    # The geocoder is not asked for now.
    BUSY = "busy"
    DAY_FULL = "day_full"
    RESTING = "resting"
    # It was asked, and failed.
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    LIMITED = "limited"
    DENIED = "denied"
    GARBLED = "garbled"
    TOO_LARGE = "too_large"
    REDIRECTED = "redirected"
    REFUSED = "refused"
    FAILED = "failed"
    # It answered, and its answer is not taken.
    NOTHING = "nothing"
    OUTSIDE = "outside"
    TOO_COARSE = "too_coarse"
    AGAINST_AREA = "against_area"


class Silent(Exception):
    """A geocoder gave no answer; rest_s: for how long it asked to be left alone."""

    def __init__(self, why: Why, rest_s: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.rest_s = rest_s


@dataclass(frozen=True, slots=True)
class Said:
    """What a geocoder answered: a point in its own datum, and how fine it says that is.

    level is its own word; precision is what that means here, None for whatever is coarser than a street. radius_m is
    the extent it gives, None where it gives none. precise: it does not call the point a guess; others: how many other
    places it named.
    """

    x: float
    y: float
    datum: str
    level: str
    precision: Precision | None
    radius_m: float | None = None
    name: str = ""
    precise: bool = True
    others: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @staticmethod
    def of(kept: Mapping[str, Any]) -> Said:
        """What was kept."""
        return Said(**{**kept, "precision": kept["precision"] and Precision(kept["precision"])})


@dataclass(frozen=True, slots=True)
class Service:
    """A geocoder to ask. use is its name, address and key as one digest, by which its limits are counted.

    prefixed: its questions begin with the city's name.
    """

    name: str
    use: UUID
    base: str
    prefixed: bool
    put: Callable[[str, str, Box], Said | None]

    def ask(self, question: str, city: str, box: Box) -> Said | None:
        """What it answers; None where it knows of no such place.

        Raises:
            Silent: it does not answer.
        """
        try:
            return self.put(question, city, box)
        except (GeopyError, OSError) as error:
            raise _silent(error) from None
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            # An answer of another shape than its owner describes.
            raise Silent(Why.GARBLED) from None


_BASES: Final = {
    "nominatim": "https://nominatim.openstreetmap.org",
    "baidu": "https://api.map.baidu.com",
    "amap": "https://restapi.amap.com",
}
_USES: Final = UUID("5f0c6d2e-6f0a-4a4b-9a39-0a2f6c4b7f10")


def service(settings: Settings) -> Service | None:
    """The geocoder that is set, None where none is."""
    name = settings.geocoder
    if not name:
        return None
    base = settings.geocoder_url or _BASES[name]
    use = uuid5(_USES, "\n".join((name, base, settings.geocoder_key)))
    where = urlsplit(base)
    common: dict[str, Any] = {
        "scheme": where.scheme, "timeout": settings.geocoder_seconds, "user_agent": _agent(settings.geocoder_contact),
        "adapter_factory": lambda **_: OneHost(where),
    }  # fmt: skip
    return Service(name, use, base, name == "baidu", _PUT[name](base, settings.geocoder_key, common))


def _agent(contact: str) -> str:
    return f"geoapp ({contact})" if contact else "geoapp"


_WHY: Final[tuple[tuple[type[Exception], Why], ...]] = (
    (TooLarge, Why.TOO_LARGE),
    (Redirected, Why.REDIRECTED),
    (GeocoderQuotaExceeded, Why.LIMITED),
    (GeocoderAuthenticationFailure, Why.DENIED),
    (GeocoderInsufficientPrivileges, Why.DENIED),
    (GeocoderTimedOut, Why.TIMED_OUT),
    (GeocoderUnavailable, Why.UNREACHABLE),
    (GeocoderParseError, Why.GARBLED),
    (GeocoderQueryError, Why.REFUSED),
)


def _silent(error: Exception) -> Silent:
    """The first that fits; what the error says is left behind, since it may quote the key."""
    why = next((why for kind, why in _WHY if isinstance(error, kind)), Why.FAILED)
    rest = getattr(error, "retry_after", None)
    return Silent(why, float(rest) if isinstance(rest, int | float) else 0.0)


# Nominatim: WGS-84


def _put_nominatim(base: str, key: str, common: dict[str, Any]) -> Callable[[str, str, Box], Said | None]:
    coder = Nominatim(domain=base.partition("://")[2], **common)

    def put(question: str, city: str, box: Box) -> Said | None:
        west, south, east, north = box
        found = coder.geocode(question, viewbox=[(south, west), (north, east)], bounded=True, language="zh,en")
        return found and _of_nominatim(found)

    return put


_STREET_RANK: Final = 26
_HOUSE_RANK: Final = 28
"""Nominatim ranks places by how fine they are: streets 26 and 27, what lies on them from 28 on."""

_DEGREE_M: Final = 111_320.0


def _of_nominatim(found: Location) -> Said:
    raw = found.raw
    rank, kind = int(raw.get("place_rank", 0)), str(raw.get("addresstype") or raw.get("type") or "")
    precision = Precision.ROAD if rank >= _STREET_RANK else None
    if rank >= _HOUSE_RANK:
        house = "house" in (kind, raw.get("type")) or kind == "house_number"
        precision = Precision.ADDRESS if house else Precision.LANDMARK
    level = f"{kind} {rank}".strip()
    name, radius = _name(raw.get("display_name")), _half_box_m(raw.get("boundingbox"))
    return Said(found.longitude, found.latitude, "WGS-84", level, precision, radius, name)


def _half_box_m(box: Any) -> float | None:
    """Half the diagonal of the extent: from its middle the whole place lies within."""
    if not box:
        return None
    south, north, west, east = map(float, box)
    shrink = math.cos(math.radians((south + north) / 2))
    metres = math.hypot(north - south, (east - west) * shrink) / 2 * _DEGREE_M
    return round(metres, 1) if math.isfinite(metres) else None


# Baidu: BD-09


class _Baidu(BaiduV3):  # type: ignore[misc]
    """geopy's, which takes a place that is not found for a failure, and an unknown key for a bad question."""

    def _parse_json(self, page: Any, exactly_one: bool = True) -> Any:
        if page.get("status") == 1 and "无相关结果" in str(page.get("msg") or page.get("message")):
            return None
        self._check_status(page.get("status"))
        return super()._parse_json(page, exactly_one)

    def _check_status(self, status: Any) -> None:
        if status == 5:
            raise GeocoderAuthenticationFailure("AK")
        super()._check_status(status)


def _put_baidu(base: str, key: str, common: dict[str, Any]) -> Callable[[str, str, Box], Said | None]:
    coder = _Baidu(key, **common)
    coder.api = base + coder.api_path

    def put(question: str, city: str, box: Box) -> Said | None:
        found = coder.geocode(question)
        return found and _of_baidu(found)

    return put


_BAIDU: Final = {"门址": Precision.ADDRESS, "交叉路口": Precision.CROSSING, "道路": Precision.ROAD}
_BAIDU_COARSE: Final = frozenset(["UNKNOWN", "国家", "省", "城市", "区县", "乡镇", "村庄", "商圈", "工业园区"])
_BAIDU_M: Final = (
    (100, 20.0), (90, 50.0), (80, 100.0), (75, 200.0), (70, 300.0), (60, 500.0), (50, 1_000.0), (40, 2_000.0),
    (30, 5_000.0), (25, 8_000.0), (20, 10_000.0),
)  # fmt: skip
"""Its word of how far off the point may be: confidence at least so much, then at most so many metres."""


def _of_baidu(found: Location) -> Said:
    raw = found.raw
    level = _name(raw.get("level")) or "UNKNOWN"
    precision = None if level in _BAIDU_COARSE else _BAIDU.get(level, Precision.LANDMARK)
    sure = float(raw.get("confidence") or 0)
    radius = next((metres for least, metres in _BAIDU_M if sure >= least), 20_000.0)
    precise = raw.get("precise") in (1, "1")
    return Said(found.longitude, found.latitude, "BD-09", level, precision, radius, precise=precise)


# AMap (高德): GCJ-02


class AMap(Geocoder):  # type: ignore[misc]
    """Geocoder using the AMap web service, v3: https://lbs.amap.com/api/webservice/guide/api/georegeo."""

    api_path = "/v3/geocode/geo"

    def __init__(self, api_key: str, *, domain: str = "restapi.amap.com", **common: Any) -> None:
        super().__init__(**common)
        self.api_key = api_key
        self.api = f"{self.scheme}://{domain.strip('/')}{self.api_path}"

    def geocode(
        self, query: str, *, city: str = "", exactly_one: bool = True, timeout: Any = DEFAULT_SENTINEL
    ) -> Location | list[Location] | None:
        """The place, or all places, of an address, in GCJ-02."""
        asked = {"key": self.api_key, "address": query, "output": "JSON"} | ({"city": city} if city else {})
        callback = partial(self._parse_json, exactly_one=exactly_one)
        return self._call_geocoder(f"{self.api}?{urlencode(asked)}", callback, timeout=timeout)

    def _parse_json(self, page: Mapping[str, Any], exactly_one: bool) -> Location | list[Location] | None:
        if str(page["status"]) != "1":
            self._check(str(page.get("infocode")))
        places = [self._place(place) for place in page.get("geocodes") or ()]
        if not places:
            return None
        return places[0] if exactly_one else places

    @staticmethod
    def _place(place: Mapping[str, Any]) -> Location:
        lon, _, lat = place["location"].partition(",")
        return Location(_name(place.get("formatted_address")), (float(lat), float(lon)), dict(place))

    @staticmethod
    def _check(code: str) -> None:
        """Raise what a code means, unless it says that there is no such place."""
        if code in _AMAP_NOTHING:
            return
        if code in _AMAP_LIMITS:
            raise GeocoderQuotaExceeded(code)
        if code in _AMAP_DENIES:
            raise GeocoderAuthenticationFailure(code)
        raise GeocoderQueryError(code) if code.startswith("200") else GeocoderServiceError(code)


_AMAP_NOTHING: Final = frozenset({"30001"})
_AMAP_LIMITS: Final = frozenset(
    {
        "10003", "10004", "10010", "10014", "10015", "10019", "10020", "10021", "10022", "10023", "10029", "10044",
        "10045", "40000", "40002",
    }
)  # fmt: skip
_AMAP_DENIES: Final = frozenset(
    {
        "10001", "10002", "10005", "10006", "10007", "10008", "10009", "10011", "10012", "10013", "10026", "10041",
    }
)  # fmt: skip


def _put_amap(base: str, key: str, common: dict[str, Any]) -> Callable[[str, str, Box], Said | None]:
    coder = AMap(key, domain=base.partition("://")[2], **common)

    def put(question: str, city: str, box: Box) -> Said | None:
        found = coder.geocode(question, city=city, exactly_one=False)
        return _of_amap(found[0], len(found) - 1) if found else None

    return put


_AMAP: Final = {
    "门牌号": Precision.ADDRESS, "单元号": Precision.ADDRESS, "道路交叉路口": Precision.CROSSING,
    "道路": Precision.ROAD, "兴趣点": Precision.LANDMARK, "公交站台": Precision.LANDMARK,
    "地铁站": Precision.LANDMARK, "公交地铁站点": Precision.LANDMARK, "住宅区": Precision.LANDMARK,
}  # fmt: skip
"""Whatever else it answers – 区县, 乡镇, 村庄, 热点商圈, 未知 – is coarser than a street."""


def _of_amap(found: Location, others: int) -> Said:
    level = _name(found.raw.get("level"))
    return Said(
        found.longitude, found.latitude, "GCJ-02", level, _AMAP.get(level), None, found.address, others=others
    )  # fmt: skip


def _name(words: Any) -> str:
    """A name as it is kept; where there is none some send an empty list."""
    return "".join(sign for sign in words if sign.isprintable())[:LONGEST_NAME] if isinstance(words, str) else ""


_PUT: Final = {"nominatim": _put_nominatim, "baidu": _put_baidu, "amap": _put_amap}
