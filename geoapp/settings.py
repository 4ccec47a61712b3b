"""The settings: one table of name, default and meaning, read from the environment under GEOAPP_."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from geoapp.errors import SettingInvalid

PREFIX: Final = "GEOAPP_"
CHECKOUT: Final = Path(__file__).resolve().parent.parent
LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
GEOCODERS: Final = ("nominatim", "baidu", "amap")
DEMO_ROLES: Final = ("synthetic", "planted", "off")


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
    Setting(
        "TRUSTED_PROXIES", "0", "Proxies in front that add to X-Forwarded-For, where callers' addresses are then read"
    ),
    Setting("REPORTS_PER_HOUR", "60", "Reports one address may file in an hour"),
    Setting("PUBLIC_URL", "", "Where users reach this, https://…, for links in mails; empty: from HOST and PORT"),
    Setting("SESSION_IDLE_MINUTES", "60", "Minutes after which a session that is not used ends"),
    Setting("SESSION_HOURS", "12", "Hours after which any session ends"),
    Setting(
        "SIGN_IN_TRIES",
        "10",
        "Wrong passwords or codes for one login in a quarter of an hour; ten times as many from one address",
    ),
    Setting(
        "DEMO_ROLES",
        "synthetic",
        "Where one click enters a role: synthetic (made-up cities), planted (demos on real ones, too), off",
    ),
    Setting("SMTP_HOST", "", "Mail server for password links; empty: none is sent"),
    Setting("SMTP_PORT", "587", "Its port"),
    Setting("SMTP_TLS", "starttls", "starttls, tls or off"),
    Setting("SMTP_USER", "", "Who signs in there; empty: nobody does"),
    Setting("SMTP_PASSWORD", "", "The password of that user", True),
    Setting("MAIL_FROM", "", "Address that mails come from; empty: geoapp@ and the mail server"),
    Setting("OIDC_ISSUER", "", "OpenID Connect provider to sign in with, https://…; empty: none"),
    Setting("OIDC_CLIENT_ID", "", "What the provider knows this installation as"),
    Setting("OIDC_CLIENT_SECRET", "", "The secret the provider gave it", True),
    Setting("OIDC_NAME", "", "What the provider is called on the sign-in page; empty: its host"),
    Setting("UPLOAD_MB", "20", "Largest request body accepted, in megabytes"),
    Setting("QUERY_SECONDS", "10", "Longest a page may keep the database busy with one question"),
    Setting("GEOCODER", "", "Online geocoder for what no name places: nominatim, baidu or amap; empty: none is asked"),
    Setting("GEOCODER_URL", "", "Where it answers; empty: where its owner runs it, else a Nominatim of your own"),
    Setting("GEOCODER_KEY", "", "The key its owner gave you: needed by baidu and amap", True),
    Setting("GEOCODER_CONTACT", "", "E-mail or page that tells who asks: needed by the public Nominatim"),
    Setting("GEOCODER_PER_SECOND", "1", "Questions a second it is asked at most, by all processes together"),
    Setting("GEOCODER_PER_DAY", "1000", "Questions a day (UTC) it is asked at most"),
    Setting("GEOCODER_SECONDS", "5", "Longest it may take to answer"),
    Setting("GEOCODER_KEEP_DAYS", "30", "Days for which its answers are kept, and not asked for again"),
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
    trusted_proxies: int
    reports_per_hour: int
    public_url: str
    session_idle_minutes: int
    session_hours: int
    sign_in_tries: int
    demo_roles: str
    smtp_host: str
    smtp_port: int
    smtp_tls: str
    smtp_user: str
    smtp_password: str
    mail_from: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str
    oidc_name: str
    upload_mb: int
    query_seconds: int
    geocoder: str
    geocoder_url: str
    geocoder_key: str = field(repr=False)
    geocoder_contact: str
    geocoder_per_second: float
    geocoder_per_day: int
    geocoder_seconds: int
    geocoder_keep_days: int
    log_level: str


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings as the environment gives them.

    Raises:
        SettingInvalid: one cannot be used, or a secret's file cannot be read; the detail names it.
    """
    value = {setting.name: _value(setting, environ) for setting in TABLE}
    geocoder = _geocoder(value)
    return Settings(
        database_url=value["DATABASE_URL"],
        data_dir=Path(value["DATA_DIR"]).expanduser().resolve() if value["DATA_DIR"] else CHECKOUT / "var",
        city=value["CITY"],
        secret_key=value["SECRET_KEY"],
        host=value["HOST"],
        port=_whole("PORT", value["PORT"], 1, 65_535),
        web_processes=_whole("WEB_PROCESSES", value["WEB_PROCESSES"], 1, 256),
        web_threads=_whole("WEB_THREADS", value["WEB_THREADS"], 1, 256),
        https=_one_of("HTTPS", value["HTTPS"], ("0", "1")) == "1",
        tiles_url=_tiles(value["TILES_URL"]),
        tiles_attribution=value["TILES_ATTRIBUTION"],
        trusted_proxies=_whole("TRUSTED_PROXIES", value["TRUSTED_PROXIES"], 0, 16),
        reports_per_hour=_whole("REPORTS_PER_HOUR", value["REPORTS_PER_HOUR"], 1, 1_000_000_000),
        public_url=_address("PUBLIC_URL", value["PUBLIC_URL"]) or f"http://{value['HOST']}:{value['PORT']}",
        session_idle_minutes=_whole("SESSION_IDLE_MINUTES", value["SESSION_IDLE_MINUTES"], 1, 100_000),
        session_hours=_whole("SESSION_HOURS", value["SESSION_HOURS"], 1, 10_000),
        sign_in_tries=_whole("SIGN_IN_TRIES", value["SIGN_IN_TRIES"], 1, 1_000_000),
        demo_roles=_one_of("DEMO_ROLES", value["DEMO_ROLES"], DEMO_ROLES),
        smtp_host=value["SMTP_HOST"],
        smtp_port=_whole("SMTP_PORT", value["SMTP_PORT"], 1, 65_535),
        smtp_tls=_one_of("SMTP_TLS", value["SMTP_TLS"], ("starttls", "tls", "off")),
        smtp_user=value["SMTP_USER"],
        smtp_password=value["SMTP_PASSWORD"],
        mail_from=value["MAIL_FROM"] or f"geoapp@{value['SMTP_HOST'] or 'localhost'}",
        oidc_issuer=_issuer(value["OIDC_ISSUER"]),
        oidc_client_id=value["OIDC_CLIENT_ID"],
        oidc_client_secret=value["OIDC_CLIENT_SECRET"],
        oidc_name=value["OIDC_NAME"],
        upload_mb=_whole("UPLOAD_MB", value["UPLOAD_MB"], 1, 2_000),
        query_seconds=_whole("QUERY_SECONDS", value["QUERY_SECONDS"], 1, 3_600),
        geocoder=geocoder,
        geocoder_url=_geocoder_url(value["GEOCODER_URL"]),
        geocoder_key=value["GEOCODER_KEY"],
        geocoder_contact=_contact(value["GEOCODER_CONTACT"]),
        geocoder_per_second=_often(geocoder, value),
        geocoder_per_day=_whole("GEOCODER_PER_DAY", value["GEOCODER_PER_DAY"], 1, 100_000_000),
        geocoder_seconds=_whole("GEOCODER_SECONDS", value["GEOCODER_SECONDS"], 1, 60),
        geocoder_keep_days=_whole("GEOCODER_KEEP_DAYS", value["GEOCODER_KEEP_DAYS"], 1, 3_650),
        log_level=_one_of("LOG_LEVEL", value["LOG_LEVEL"].upper(), LEVELS),
    )


def _value(setting: Setting, environ: Mapping[str, str]) -> str:
    name = PREFIX + setting.name
    if setting.secret and (path := environ.get(name + "_FILE")):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingInvalid(f"{name}_FILE: {error}") from error
    return environ.get(name) or setting.default


def _whole(name: str, text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text) or not least <= int(text) <= most:
        raise SettingInvalid(f"{PREFIX}{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)


def _one_of(name: str, text: str, there_are: Sequence[str]) -> str:
    if text not in there_are:
        raise SettingInvalid(f"{PREFIX}{name} must be {' or '.join(there_are)}, not {text!r}.")
    return text


def _address(name: str, text: str) -> str:
    """An address of the web without a slash at its end."""
    if text and not re.fullmatch(r"https?://[^\s\"'<>\\?#]+", text):
        raise SettingInvalid(f"{PREFIX}{name} must begin with https:// or http://, not {text!r}.")
    return text.rstrip("/")


def _issuer(text: str) -> str:
    """Whoever could change what a provider says could be anybody: over the network only https will do."""
    if text and not re.match(r"https://|http://(127\.0\.0\.1|localhost)[:/]", text):
        raise SettingInvalid(f"{PREFIX}OIDC_ISSUER must begin with https://, not {text!r}.")
    return _address("OIDC_ISSUER", text)


def _tiles(text: str) -> str:
    """The address goes into the pages' security policy too: what it may be is told exactly."""
    shape = r"(https?://|/(?!/))[^\s;,\"'<>\\]+"
    if text and not (re.fullmatch(shape, text) and all(part in text for part in ("{z}", "{x}", "{y}"))):
        raise SettingInvalid(
            f"{PREFIX}TILES_URL must begin with https://, http:// or /, and hold {{z}}, {{x}} and {{y}}, not {text!r}."
        )
    return text


def _geocoder(value: Mapping[str, str]) -> str:
    """Which one is asked; one that would only refuse what it is asked is refused here."""
    name = _one_of("GEOCODER", value["GEOCODER"], ("", *GEOCODERS))
    if name in ("baidu", "amap") and not value["GEOCODER_KEY"]:
        raise SettingInvalid(f"{PREFIX}GEOCODER_KEY is needed where {PREFIX}GEOCODER is {name}.")
    if name == "nominatim" and not value["GEOCODER_URL"] and not value["GEOCODER_CONTACT"]:
        raise SettingInvalid(
            f"{PREFIX}GEOCODER_CONTACT is needed: the public Nominatim wants to know whom to write to."
        )
    return name


def _geocoder_url(text: str) -> str:
    shape = r"https?://([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?"
    if text and not re.fullmatch(shape, text):
        raise SettingInvalid(
            f"{PREFIX}GEOCODER_URL must be http(s)://host[:port][/path] without a name, a password or a question, "
            f"not {text!r}."
        )
    return text.rstrip("/")


def _contact(text: str) -> str:
    """It goes into a header of each question."""
    if not re.fullmatch(r"[!-'*-~]{0,200}", text):
        raise SettingInvalid(f"{PREFIX}GEOCODER_CONTACT must be an e-mail or a page's address, not {text!r}.")
    return text


def _often(geocoder: str, value: Mapping[str, str]) -> float:
    text = value["GEOCODER_PER_SECOND"]
    # The public Nominatim shuts out whoever asks more often; it runs on donated machines.
    most = 1 if geocoder == "nominatim" and not value["GEOCODER_URL"] else 50
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,3})?", text) or not 0.001 <= float(text) <= most:
        raise SettingInvalid(f"{PREFIX}GEOCODER_PER_SECOND must be a number from 0.001 to {most}, not {text!r}.")
    return float(text)
