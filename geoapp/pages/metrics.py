"""/metrics: numbers for Prometheus, none of them about anybody."""

from __future__ import annotations

import time
from typing import Final

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from geoapp.pages.parts import here
from geoapp.pages.parts.blueprint import site_page
from geoapp.store.queries import health

WHO: Final = "everybody"
page = site_page(__name__)

# Of this process alone: where several serve, each answers for itself when asked.
REGISTRY: Final = CollectorRegistry()
REQUESTS: Final = Counter("geoapp_requests", "Requests answered", ["page", "status"], registry=REGISTRY)
SECONDS: Final = Histogram(
    "geoapp_request_seconds", "Time to answer", ["page"], registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5),
)  # fmt: skip


@page.get("/metrics")
def show() -> Response:
    """Give all numbers."""
    with here.connect() as connection:
        numbers = health.numbers(connection)
    now = CollectorRegistry()
    for name, meaning, value in (
        ("geoapp_cities", "Cities loaded", numbers.cities),
        ("geoapp_tickets", "Public tickets", numbers.tickets),
        ("geoapp_tickets_open", "Public tickets still to be done", numbers.open),
        ("geoapp_cell_deltas", "Map changes not yet folded in", numbers.deltas),
    ):
        Gauge(name, meaning, registry=now).set(value)
    return Response(generate_latest(now) + generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def prepare(app: Flask) -> None:
    """Count every request and its time."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        # The rule's name, not the address: numbers of tickets would make a series each.
        name = request.endpoint or "none"
        REQUESTS.labels(name, str(response.status_code)).inc()
        if "started" in g:
            SECONDS.labels(name).observe(time.perf_counter() - g.started)
        return response
