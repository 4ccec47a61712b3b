"""Fetches answers from one host and no other: no redirect is followed, no proxy used, nothing large or slow taken."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import orjson
from geopy.adapters import AdapterHTTPError, BaseSyncAdapter
from geopy.exc import GeocoderParseError, GeocoderServiceError, GeocoderTimedOut, GeocoderUnavailable, GeopyError

MOST_BYTES: Final = 1 << 18


class TooLarge(GeocoderServiceError):  # type: ignore[misc]  # geopy brings no types
    """The answer was larger than any place needs."""


class Redirected(GeocoderServiceError):  # type: ignore[misc]
    """The host sent us elsewhere."""


class OneHost(BaseSyncAdapter):  # type: ignore[misc]
    """Fetches from one host, within a time that holds for the whole answer, and no more than MOST_BYTES."""

    def __init__(self, where: SplitResult) -> None:
        super().__init__(proxies=None, ssl_context=None)
        self.where = where

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> Any:
        try:
            return orjson.loads(self._fetch(url, timeout, headers))
        except orjson.JSONDecodeError:
            raise GeocoderParseError("no JSON") from None

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        return self._fetch(url, timeout, headers).decode(errors="replace")

    def _fetch(self, url: str, timeout: float, headers: Mapping[str, str]) -> bytes:
        asked = urlsplit(url)
        if (asked.scheme, asked.netloc) != (self.where.scheme, self.where.netloc):
            raise GeocoderServiceError("another host")
        connection = _connection(self.where, timeout)
        alarm = _Alarm(timeout)
        try:
            connection.connect()
            alarm.set(connection.sock)
            connection.request("GET", f"{asked.path or '/'}?{asked.query}", headers=dict(headers))
            body = _body(connection.getresponse())
        except AdapterHTTPError:
            raise
        except (GeopyError, OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            raise _unfetched(error, alarm.rung) from None
        finally:
            alarm.stop()
            connection.close()
        if alarm.rung:
            # Without a length a line that was cut looks like an answer that ended.
            raise GeocoderTimedOut("timed out")
        return body


class _Alarm:
    """Hangs up after a time: a host that sends a byte now and then would never be late otherwise."""

    def __init__(self, seconds: float) -> None:
        self.rung = False
        self.socket: socket.socket | None = None
        self.timer = threading.Timer(seconds, self._ring)
        self.timer.daemon = True
        self.timer.start()

    def set(self, line: socket.socket | None) -> None:
        self.socket = line
        if self.rung:
            self._ring()

    def stop(self) -> None:
        self.timer.cancel()

    def _ring(self) -> None:
        self.rung = True
        if self.socket is not None:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)


def _connection(where: SplitResult, timeout: float) -> http.client.HTTPConnection:
    assert where.hostname  # the settings see to it
    if where.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(where.hostname, where.port, timeout=timeout, context=context)
    return http.client.HTTPConnection(where.hostname, where.port, timeout=timeout)


def _body(response: http.client.HTTPResponse) -> bytes:
    if 300 <= response.status < 400:
        raise Redirected("redirected")
    parts, size = [], 0
    while part := response.read1(1 << 16):
        size += len(part)
        if size > MOST_BYTES:
            raise TooLarge("too large")
        parts.append(part)
    if response.length:
        raise GeocoderServiceError("cut short")
    if response.status != http.client.OK:
        headers = {name.lower(): value for name, value in response.getheaders()}
        raise AdapterHTTPError("no answer", status_code=response.status, headers=headers, text="")
    return b"".join(parts)


def _unfetched(error: Exception, late: bool) -> GeopyError:
    if late or isinstance(error, TimeoutError):
        return GeocoderTimedOut("timed out")
    if isinstance(error, GeopyError):
        return error
    if isinstance(error, OSError):
        return GeocoderUnavailable("unreachable")
    return GeocoderServiceError("no HTTP")
