"""The log: one JSON object a line, with phone numbers, addresses, plates and secrets blacked out."""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import orjson
import structlog

BLACK: Final = "[redacted]"

_log = structlog.get_logger(__name__)

_SECRET_KEYS: Final = re.compile(
    r"authorization|cookie|password|passwd|secret|token|api[-_]?key|geocoder_key|idempotency[-_]?key|database_url|dsn"
    r"|^(phone|email|reporter|contact|body|address)$",
    re.IGNORECASE,
)
_PRIVATE: Final = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail
    r"|(?<![\w-])\d{17}[\dXx](?![\w-])"  # identity card
    r"|(?<![\w.-])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![\w-])"  # mobile phone
    r"|(?<![\w.-])0\d{2,3}-\d{7,8}(?![\w-])"  # fixed line
    r"|(?<![\w.-])(?:\+1[- .]?)?\(?[2-9]\d{2}\)?[- .]\d{3}[- .]\d{4}(?![\w-])"  # American phone
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·• ]?[A-Z0-9]{5,6}"  # plate
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # password in an address
    r"|(?:(?<=[?&]ak=)|(?<=[?&]key=))[^&\s\"']+"  # a geocoder's key in an address
)

# PostgreSQL quotes what it was given: the row that failed, the line of a COPY, the value that is no number.
_QUOTED: Final = re.compile(
    r"(?s)((?:^|\n)(?:DETAIL|CONTEXT|QUERY):).*?(?=\n(?:\[SQL|\(Background|\n|Traceback|The above|During)|\Z)"
    r"|((?:invalid [\w ]+|malformed [\w ]+|out of range)[^:\n]*:) \".*?\"(?=\n|\Z)"
)
_TELL_WHAT_THEY_READ: Final = ("PIL", "urllib3", "multipart")
"""Libraries that at DEBUG write down what a photo or an address holds."""


def configure(level: str = "INFO") -> None:
    """Send everything, other libraries' words included, to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TELL_WHAT_THEY_READ:
        logging.getLogger(name).setLevel("INFO")
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def own_process(level: str) -> None:
    """The same for a process that is ours alone, where even its end by an error, and warnings, are lines of the log."""
    configure(level)
    logging.captureWarnings(True)
    sys.excepthook = lambda kind, error, trace: _log.critical("ended_by_error", exc_info=(kind, error, trace))
    threading.excepthook = lambda facts: _log.error("thread_ended_by_error", exc_info=facts.exc_value)


def as_dict(level: str) -> dict[str, Any]:
    """The same for gunicorn, which sets its log up by a dictionary of logging.config.

    Who asked for what is not written down: addresses are private, and /metrics has the numbers.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": _formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {
            **{name: {"level": "INFO"} for name in _TELL_WHAT_THEY_READ},
            "gunicorn.error": {"handlers": [], "propagate": True},
            "gunicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
        },
    }


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]


def _formatter() -> logging.Formatter:
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _redact, _as_json]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_shared(), processors=last)


def redact(value: Any) -> Any:
    """The value with everything private blacked out, however deep it lies."""
    if isinstance(value, str):
        return _without(value)
    if isinstance(value, Mapping):
        return {key: BLACK if _SECRET_KEYS.search(str(key)) else redact(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float) else _without(str(value))


def _without(words: str) -> str:
    return _PRIVATE.sub(BLACK, _QUOTED.sub(lambda found: f"{found[1] or found[2]} {BLACK}", words))


def _redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return dict(redact(event))


def _as_json(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode("utf-8", "replace")
