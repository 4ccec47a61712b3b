"""Work at its time, by procrastinate: clocks looked at each minute, reminders sent, jobs of the dead taken up again.

What is due is found by time, not by tick: a minute that nobody worked is made up for by the next. So nothing depends on
whether a job ended, and whoever is killed within one loses nothing and does nothing twice.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from typing import Final

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition, Job, Status
from psycopg import Error
from psycopg_pool import PoolTimeout

from geoapp.notices import reminders
from geoapp.settings import Settings
from geoapp.store.cluster import Server
from geoapp.store.database import BULK, Database
from geoapp.tickets import ticking

SCHEMA: Final = "procrastinate"
_STOP_S: Final = 20.0
_LOOK_S: Final = 0.5
_AGAIN_S: Final = 15.0
_KEEP_FAILED_H: Final = 72

log = structlog.get_logger(__name__)


def make(server: Server, database: Database, settings: Settings) -> App:
    """The jobs there are, on the queue in that database."""
    # They say at each poll, and of each job, what they do.
    for name in ("procrastinate", "psycopg.pool"):
        logging.getLogger(name).setLevel(logging.ERROR)
    connector = PsycopgConnector(
        conninfo=server.conninfo(BULK), kwargs={"options": f"-c search_path={SCHEMA}"}, min_size=1, max_size=3
    )
    app = App(connector=connector)

    @app.periodic(cron="* * * * *")
    @app.task(name="tick", queueing_lock="tick")
    def tick(timestamp: int) -> None:
        rung = ticking.tick(database.bulk)
        if rung:
            log.info("clocks_rung", tickets=rung)

    @app.periodic(cron="* * * * *")
    @app.task(name="mail", queueing_lock="mail")
    def mail(timestamp: int) -> None:
        sent = reminders.mail(database, settings)
        if sent:
            log.info("reminders_sent", letters=sent)

    @app.periodic(cron="*/5 * * * *")
    @app.task(name="recover", queueing_lock="recover")
    async def recover(timestamp: int) -> None:
        await take_up(app)

    return app


async def take_up(app: App) -> int:
    """Put jobs back whose worker has died; how many. Of a kind that waits already, the one that waits is enough."""
    stalled = list(await app.job_manager.get_stalled_jobs())
    for job in stalled:
        try:
            await app.job_manager.retry_job(job)
        except ConnectorException:
            await _give_up(app, job)
        log.warning("job_of_the_dead", task=job.task_name, job=job.id)
    await app.job_manager.delete_old_jobs(nb_hours=_KEEP_FAILED_H, include_failed=True)
    return len(stalled)


async def _give_up(app: App, job: Job) -> None:
    assert job.id is not None  # it has been stored
    await app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)


def run(app: App, stop: threading.Event) -> None:
    """Work until told to stop; a database that is away is tried again after a while."""
    while not stop.is_set():
        try:
            asyncio.run(_work(app, stop))
        except (ConnectorException, Error, PoolTimeout, OSError) as error:
            log.warning("jobs_away", error=type(error).__name__, again_in=_AGAIN_S)
            stop.wait(_AGAIN_S)
        except Exception:
            # Whatever it was: clocks must go on.
            log.exception("jobs_failed", again_in=_AGAIN_S)
            stop.wait(_AGAIN_S)


async def _work(app: App, stop: threading.Event) -> None:
    async with app.open_async():
        work = asyncio.create_task(
            app.run_worker_async(
                name="geoapp", concurrency=2, listen_notify=False, install_signal_handlers=False,
                delete_jobs=DeleteJobCondition.SUCCESSFUL, shutdown_graceful_timeout=_STOP_S,
            )
        )  # fmt: skip
        while not (stop.is_set() or work.done()):
            await asyncio.sleep(_LOOK_S)
        if not work.done():
            work.cancel()
        with suppress(asyncio.CancelledError):
            await work
