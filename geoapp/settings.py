"""The settings: one table of name, default and meaning, read from the environment under GEOAPP_."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PREFIX: Final = "GEOAPP_"
CHECKOUT: Final = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the table; a secret may also come from the file that NAME_FILE names."""

    name: str
    default: str
    meaning: str
    secret: bool = False


TABLE: Final = (
    Setting("DATABASE_URL", "", "PostGIS server to use; empty: geoapp runs a private cluster", True),
    Setting("DATA_DIR", "", "Everything the installation keeps; empty: var/ in the checkout"),
    Setting("CITY", "", "The city meant when a command or request names none"),
    Setting("SECRET_KEY", "", "Signs cookies and forms; empty: made once and kept in DATA_DIR", True),
    Setting("HOST", "127.0.0.1", "Address that `geoapp serve` listens on"),
    Setting("PORT", "8000", "Port that `geoapp serve` listens on"),
    Setting("WEB_PROCESSES", "2", "Web processes of `geoapp serve`"),
    Setting("WEB_THREADS", "4", "Threads of each web process"),
    Setting("HTTPS", "0", "1 where users come over https: cookies are then marked Secure"),
    Setting("TILES_URL", "", "Raster tiles, {z}/{x}/{y}; empty: the base map is drawn from the city's layers"),
    Setting("TILES_ATTRIBUTION", "", "Attribution the tile server asks for"),
    Setting("REPORTS_PER_HOUR", "60", "Reports one address may file in an hour"),
    Setting("UPLOAD_MB", "20", "Largest request body accepted, in megabytes"),
    Setting("LOG_LEVEL", "INFO", "Least level written to the log"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force; one attribute a line of TABLE, lower case."""

    database_url: str
    data_dir: Path
    city: str
    secret_key: str
    host: str
    port: int
    web_processes: int
    web_threads: int
    https: bool
    tiles_url: str
    tiles_attribution: str
    reports_per_hour: int
    upload_mb: int
    log_level: str


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings as the environment gives them.

    Raises:
        ValueError: a number is none, or a secret's file cannot be read.
    """
    value = {setting.name: _value(setting, environ) for setting in TABLE}
    return Settings(
        database_url=value["DATABASE_URL"],
        data_dir=Path(value["DATA_DIR"]).expanduser().resolve() if value["DATA_DIR"] else CHECKOUT / "var",
        city=value["CITY"],
        secret_key=value["SECRET_KEY"],
        host=value["HOST"],
        port=_whole("PORT", value["PORT"]),
        web_processes=_whole("WEB_PROCESSES", value["WEB_PROCESSES"]),
        web_threads=_whole("WEB_THREADS", value["WEB_THREADS"]),
        https=value["HTTPS"] == "1",
        tiles_url=value["TILES_URL"],
        tiles_attribution=value["TILES_ATTRIBUTION"],
        reports_per_hour=_whole("REPORTS_PER_HOUR", value["REPORTS_PER_HOUR"]),
        upload_mb=_whole("UPLOAD_MB", value["UPLOAD_MB"]),
        log_level=value["LOG_LEVEL"].upper(),
    )


def _value(setting: Setting, environ: Mapping[str, str]) -> str:
    name = PREFIX + setting.name
    if setting.secret and (path := environ.get(name + "_FILE")):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ValueError(f"{name}_FILE: {error}") from error
    return environ.get(name) or setting.default


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{PREFIX}{name} must be a whole number, not {text!r}") from None
