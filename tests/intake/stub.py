"""A geocoder on this machine: it speaks three dialects, answers as a test tells it to, and notes what it was asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Asked = dict[str, str]


class Stub:
    """One server; answer is what the next questions get: JSON, bytes, or whatever `say` does by itself."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.paths: list[str] = []
        self.agents: list[str] = []
        self.times: list[float] = []
        self.answer: Any = {}
        self.status = 200
        self.headers: dict[str, str] = {}
        self.say: Callable[[BaseHTTPRequestHandler], None] | None = None
        self.url = ""


def nominatim(
    lon: float, lat: float, rank: int = 30, kind: str = "house", half: float = 0.0001
) -> list[dict[str, Any]]:
    """An answer of Nominatim's, in the shape of its `json` format."""
    box = [str(lat - half), str(lat + half), str(lon - half), str(lon + half)]
    return [
        {
            "place_id": 1, "osm_type": "way", "osm_id": 7, "lat": str(lat), "lon": str(lon), "class": "place",
            "type": kind, "addresstype": kind, "place_rank": rank, "importance": 0.1, "boundingbox": box,
            "display_name": "12, 示例路, 小城",
        }
    ]  # fmt: skip


def baidu(lon: float, lat: float, level: str = "门址", confidence: int = 80, precise: int = 1) -> dict[str, Any]:
    """An answer of Baidu's, v3."""
    result = {
        "location": {"lng": lon, "lat": lat}, "precise": precise, "confidence": confidence, "comprehension": 100,
        "level": level,
    }  # fmt: skip
    return {"status": 0, "result": result}


def amap(*places: tuple[float, float], level: str = "门牌号") -> dict[str, Any]:
    """An answer of AMap's, v3; what it does not know it leaves as empty lists."""
    found = [
        {
            "formatted_address": "小城示例路12号", "country": "中国", "city": "小城", "district": [], "street": [],
            "location": f"{lon:.6f},{lat:.6f}", "level": level,
        }
        for lon, lat in places
    ]  # fmt: skip
    return {"status": "1", "info": "OK", "infocode": "10000", "count": str(len(found)), "geocodes": found}


@contextmanager
def running() -> Iterator[Stub]:
    """The server on a free port of this machine, for as long as the block lasts."""
    stub = Stub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            stub.times.append(time.monotonic())
            stub.paths.append(where.path)
            stub.asked.append(dict(parse_qsl(where.query)))
            stub.agents.append(self.headers.get("User-Agent", ""))
            with suppress(OSError):
                self.answer()

        def answer(self) -> None:
            if stub.say:
                stub.say(self)
                return
            body = stub.answer if isinstance(stub.answer, bytes) else json.dumps(stub.answer).encode()
            self.send_response(stub.status)
            for name, value in stub.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
