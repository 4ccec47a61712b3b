"""Runs the installation: the web server and the worker as two processes, watched until a signal ends them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import structlog
from gunicorn.app.base import BaseApplication

from geoapp import logs
from geoapp import settings as settings_module
from geoapp.errors import SettingInvalid
from geoapp.settings import Settings

if TYPE_CHECKING:
    from types import FrameType

    from flask import Flask

# Requests still running get this long to end after a signal.
GRACE_SECONDS: Final = 30
LONGEST_PAUSE: Final = 60.0

log = structlog.get_logger(__name__)


def run(settings: Settings) -> int:
    """Run web server and worker until a signal, or until the web server ends; its exit status."""
    logs.own_process(settings.log_level)
    stop = threading.Event()
    _on_signals(stop.set)
    web = _child("web")
    keeper = threading.Thread(target=_keep_worker, args=(stop,))
    keeper.start()
    while not stop.wait(0.2) and web.poll() is None:
        pass
    asked = stop.is_set()
    stop.set()
    status = _end(web)
    keeper.join()
    return 0 if asked else status or 1


def serve_web(settings: Settings) -> None:
    """Be the web server: gunicorn with threads, told everything here, reading no file or variable of its own."""
    logs.own_process(settings.log_level)
    _end_with_parent()
    _Web(settings).run()


def work(settings: Settings) -> None:
    """Be the worker, until a signal."""
    from geoapp import worker

    logs.own_process(settings.log_level)
    stop = threading.Event()
    _on_signals(stop.set)
    worker.run(settings, stop)


class _Web(BaseApplication):  # type: ignore[misc]  # gunicorn brings no types
    """The application as gunicorn wants it: its options and how to load it, in each process anew."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in _options(self.settings).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        # Imported after the fork, so that no connection is shared between processes.
        from geoapp.app import create_app

        return create_app(self.settings)


def _options(settings: Settings) -> dict[str, Any]:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return {
        "bind": f"{host}:{settings.port}",
        "workers": settings.web_processes,
        "threads": settings.web_threads,
        "worker_class": "gthread",
        "timeout": 120,
        "graceful_timeout": GRACE_SECONDS,
        "keepalive": 5,
        "control_socket_disable": True,
        "loglevel": settings.log_level.lower(),
        "logconfig_dict": logs.as_dict(settings.log_level),
        "proc_name": "geoapp",
    }


def _keep_worker(stop: threading.Event) -> None:
    """Start the worker, and again whenever it ends by itself, after ever longer pauses."""
    pause = 1.0
    while not stop.is_set():
        started = time.monotonic()
        child = _child("worker")
        while not stop.wait(0.2) and child.poll() is None:
            pass
        if stop.is_set():
            _end(child)
            return
        pause = 1.0 if time.monotonic() - started > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
        log.warning("worker_ended", status=child.returncode, again_in=pause)
        stop.wait(pause)


def _child(role: str) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in the terminal reaches us alone, and we end the children in order.
    return subprocess.Popen([sys.executable, "-m", "geoapp.serve", role], start_new_session=True)


def _end(child: subprocess.Popen[bytes]) -> int:
    if child.poll() is None:
        child.terminate()
    try:
        return child.wait(GRACE_SECONDS + 5)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def _on_signals(act: Callable[[], None]) -> None:
    def handle(number: int, frame: FrameType | None) -> None:
        act()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)


def _end_with_parent() -> None:
    """A supervisor killed outright must not leave its children holding the port."""
    parent, ourselves = os.getppid(), os.getpid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(ourselves, signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _main(role: str) -> None:
    try:
        settings = settings_module.read()
    except SettingInvalid as error:
        sys.exit(f"geoapp: {error}")
    if role == "web":
        serve_web(settings)
    else:
        _end_with_parent()
        work(settings)


if __name__ == "__main__":
    _main(sys.argv[1])
