"""A provider of identities (OpenID Connect) where one is set."""

from __future__ import annotations

from urllib.parse import urlsplit

from geoapp.pages.parts import here


def name() -> str:
    """What the provider is called; empty where none is set."""
    settings = here.settings()
    if not settings.oidc_issuer or not settings.oidc_client_id:
        return ""
    return settings.oidc_name or urlsplit(settings.oidc_issuer).netloc
