"""The coordinates of a pasted link are in the datum of its map: within a metre of where the map shows them."""

from __future__ import annotations

import numpy as np
import pytest

from geoapp.locate.conflict import metres
from geoapp.locate.datum import gcj02_to_bd09, wgs84_to_gcj02
from geoapp.locate.text import locate_text
from tests.locate.test_text import SHENZHEN

LON, LAT = 114.057868, 22.543099
GCJ = tuple(float(part[0]) for part in wgs84_to_gcj02(np.array([LON]), np.array([LAT])))
BD = tuple(float(part[0]) for part in gcj02_to_bd09(np.array([GCJ[0]]), np.array([GCJ[1]])))
PLAIN = (LON, LAT)


@pytest.mark.parametrize(
    ("link", "shifted", "datum", "by"),
    [
        ("https://uri.amap.com/marker?position={x:.6f},{y:.6f}&name=路灯", GCJ, "GCJ-02", "uri.amap.com"),
        ("路灯坏了https://www.amap.com/?q={y:.6f},{x:.6f},某地 请修", GCJ, "GCJ-02", "www.amap.com"),
        ("https://ditu.amap.com/regeo?lng={x:.6f}&lat={y:.6f}", GCJ, "GCJ-02", "ditu.amap.com"),
        ("www.gaode.com/?q={y:.6f},{x:.6f}", GCJ, "GCJ-02", "www.gaode.com"),
        ("https://apis.map.qq.com/uri/v1/marker?marker=coord:{y:.6f},{x:.6f};title:x", GCJ, "GCJ-02", "apis.map.qq.com"),
        ("https://map.qq.com/?pointx={x:.6f}&pointy={y:.6f}", GCJ, "GCJ-02", "map.qq.com"),
        ("http://api.map.baidu.com/marker?location={y:.6f},{x:.6f}&title=x", BD, "BD-09", "api.map.baidu.com"),
        ("https://map.baidu.com/?latlng={y:.6f},{x:.6f}", BD, "BD-09", "map.baidu.com"),
        ("http://api.map.baidu.com/marker?location={y:.6f},{x:.6f}&coord_type=gcj02", GCJ, "GCJ-02", "coord_type=gcj02"),
        ("http://api.map.baidu.com/marker?coordtype=wgs84&location={y:.6f},{x:.6f}", PLAIN, "WGS-84", "coordtype=wgs84"),
        ("https://uri.amap.com/marker?position={x:.6f},{y:.6f}&coordinate=wgs84", PLAIN, "WGS-84", "coordinate=wgs84"),
        ("https://example.org/?at={y:.6f},{x:.6f}&coordtype=bd09ll", BD, "BD-09", "coordtype=bd09ll"),
        ("https://www.openstreetmap.org/#map=17/{y:.6f}/{x:.6f}", PLAIN, "WGS-84", "www.openstreetmap.org"),
        ("geo:{y:.6f},{x:.6f}?z=17", PLAIN, "WGS-84", "geo:"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("given", ["WGS-84", "GCJ-02"])
def test_a_link_says_its_datum(link: str, shifted: tuple[float, float], datum: str, by: str, given: str) -> None:
    found = locate_text(link.format(x=shifted[0], y=shifted[1]), SHENZHEN, given)
    assert found.lon is not None and found.lat is not None, found
    assert metres(found.lon, found.lat, LON, LAT) < 1.0, found
    assert (found.written["datum"], found.written["datum_by"]) == (datum, by)


def test_read_as_they_stand_they_would_be_hundreds_of_metres_off() -> None:
    assert 500 < metres(LON, LAT, *GCJ) < 700 and 1_000 < metres(LON, LAT, *BD) < 1_400


@pytest.mark.parametrize("host", ["notamap.com", "amap.com.example.org", "map.baidu.com.evil.net", "example.org"])
def test_an_unknown_host_says_nothing(host: str) -> None:
    found = locate_text(f"https://{host}/?at={LAT},{LON}", SHENZHEN)
    assert found.lon is not None and found.lat is not None and "datum_by" not in found.written
    assert metres(found.lon, found.lat, LON, LAT) < 1.0


def test_what_stands_beside_a_link_is_of_the_given_datum() -> None:
    found = locate_text(f"经度{LON} 纬度{LAT}，见 https://uri.amap.com/", SHENZHEN)
    assert found.lon == pytest.approx(LON) and "datum_by" not in found.written
