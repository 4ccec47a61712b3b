"""A provider of identities (OpenID Connect) where one is set: by Authlib, with code, PKCE, state and nonce."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from authlib.integrations.flask_client import OAuth
from flask import current_app

from geoapp.pages.parts import here

_EXTENSION: Final = "geoapp_provider"


def name() -> str:
    """What the provider is called; empty where none is set."""
    settings = here.settings()
    if not settings.oidc_issuer or not settings.oidc_client_id:
        return ""
    return settings.oidc_name or urlsplit(settings.oidc_issuer).netloc


def client() -> Any:
    """How we speak with the provider; what it says of itself is asked when first needed, and kept."""
    if _EXTENSION not in current_app.extensions:
        settings = here.settings()
        known = OAuth(current_app)
        known.register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret or None,
            server_metadata_url=f"{settings.oidc_issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "timeout": 10},
        )
        current_app.extensions[_EXTENSION] = known.provider
    return current_app.extensions[_EXTENSION]
