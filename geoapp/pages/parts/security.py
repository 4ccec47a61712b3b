"""What every answer forbids the browser, and the key that signs cookies."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from flask import Flask, Response
from flask_wtf import CSRFProtect

from geoapp.mapview import tiles_source
from geoapp.pages.parts import callers
from geoapp.settings import Settings

CSRF: Final = CSRFProtect()


def prepare(app: Flask, settings: Settings) -> None:
    """Make the application safe by default."""
    app.secret_key = settings.secret_key or _kept_key(settings.data_dir)
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        MAX_CONTENT_LENGTH=settings.upload_mb << 20,
        # Words go into memory, so they have a limit of their own; photos go to a temporary file.
        MAX_FORM_MEMORY_SIZE=1 << 20,
        MAX_FORM_PARTS=40,
        WTF_CSRF_TIME_LIMIT=None,
    )
    CSRF.init_app(app)
    callers.prepare(app, settings)
    headers = _headers(settings)

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response


def _headers(settings: Settings) -> dict[str, str]:
    images = " ".join(filter(None, ("'self' data: blob:", tiles_source(settings))))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src {images}; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=()",
    }
    return headers | ({"Strict-Transport-Security": "max-age=31536000"} if settings.https else {})


def _kept_key(folder: Path) -> str:
    """The installation's key, made by whichever process comes first, readable by its account only."""
    path = folder / "secret_key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=folder, prefix=".secret_key")
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(made)
    return path.read_text(encoding="ascii").strip()
