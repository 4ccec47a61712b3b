"""The web application: settings and database in, all addresses out."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any

import orjson
from apiflask import APIFlask
from flask import Response, request
from flask.json.provider import JSONProvider

from geoapp import logs, pages, statics
from geoapp import settings as settings_module
from geoapp.pages import metrics
from geoapp.pages.parts import failures, here, kept, language, openapi, security, travel, visiting, who
from geoapp.pages.parts.answers import FOR_EVER
from geoapp.settings import CHECKOUT, Settings
from geoapp.store import cluster
from geoapp.store.database import Database


class _Json(JSONProvider):
    """JSON by orjson, whose answers hold no NaN and no lone surrogates."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj, default=str, option=orjson.OPT_NON_STR_KEYS).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)


def create_app(settings: Settings | None = None, database: Database | None = None) -> APIFlask:
    """The application; without a database given, on the one the settings mean, started if need be."""
    settings = settings or settings_module.read()
    logs.configure(settings.log_level)
    app = APIFlask(
        "geoapp",
        title="geoapp",
        version="1",
        spec_path="/api/openapi.json",
        docs_path=None,
        static_folder=str(CHECKOUT / "static"),
        template_folder=str(CHECKOUT / "templates"),
    )
    app.json = _Json(app)
    app.jinja_env.globals["static"] = statics.url
    travel.prepare(app)
    app.after_request(_keep_static)
    here.settle(app, settings, database or _database(settings))
    for part in (language, failures, openapi, metrics, kept, visiting):
        part.prepare(app)
    security.prepare(app, settings)
    who.prepare(app)
    for module in addresses():
        app.register_blueprint(module.page)
    return app


def _keep_static(response: Response) -> Response:
    """A file asked for by the digest it has may be kept for ever; any other address is asked again each time."""
    if request.endpoint == "static":
        asked, name = request.args.get(statics.VERSION), (request.view_args or {}).get("filename", "")
        response.headers["Cache-Control"] = FOR_EVER if asked and asked == statics.digest(name) else "no-cache"
    return response


def _database(settings: Settings) -> Database:
    server = cluster.ensure(settings)
    return Database(server, threads=settings.web_threads, query_seconds=settings.query_seconds)


def addresses() -> list[ModuleType]:
    """The modules of pages/: each is one address."""
    names = sorted(info.name for info in pkgutil.iter_modules(pages.__path__) if not info.ispkg)
    return [importlib.import_module(f"{pages.__name__}.{name}") for name in names]
