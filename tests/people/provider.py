"""A small provider of identities (OpenID Connect) on loopback, which can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "geoapp", "between-us"
WANG = {"sub": "42", "email": "wang@example.org", "email_verified": True}


@dataclass
class Provider:
    """What it says of whoever comes, and what it says otherwise than it should."""

    claims: dict[str, Any] = field(
        default_factory=lambda: {"sub": "42", "email": "wang@example.org", "email_verified": True}
    )
    lies: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signs_with: RSAKey | None = None
    issuer: str = ""
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, words: dict[str, str]) -> str:
        """The address back, with a code."""
        assert words["response_type"] == "code" and words["client_id"] == CLIENT
        assert words["code_challenge_method"] == "S256" and len(words["state"]) >= 20 and len(words["nonce"]) >= 16
        code = secrets.token_urlsafe()
        self.asked[code] = words
        return f"{words['redirect_uri']}?{urlencode({'code': code, 'state': words['state']})}"

    def token(self, words: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """What a code is worth; None where something does not fit."""
        asked = self.asked.pop(words.get("code", ""), None)
        told = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        proof = hashlib.sha256(words.get("code_verifier", "").encode()).digest()
        proved = asked and asked["code_challenge"] == base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if (
            asked is None
            or not proved
            or (told != f"{CLIENT}:{SECRET.replace(' ', '+')}" and told != f"{CLIENT}:{SECRET}")
        ):
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"], **self.claims,
            **self.lies,
        }  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signs_with or self.key)
        return {"access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": signed}


def serve(provider: Provider) -> ThreadingHTTPServer:
    """Serve it on a port of its own; its issuer is set to that."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            at = urlsplit(self.path)
            if at.path == "/.well-known/openid-configuration":
                self._answer({
                    "issuer": provider.issuer, "authorization_endpoint": f"{provider.issuer}/authorize",
                    "token_endpoint": f"{provider.issuer}/token", "jwks_uri": f"{provider.issuer}/keys",
                    "id_token_signing_alg_values_supported": ["RS256"],
                })  # fmt: skip
            elif at.path == "/keys":
                self._answer({"keys": [provider.key.as_dict(private=False)]})
            elif at.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize({k: v[0] for k, v in parse_qs(at.query).items()}))
                self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            words = {k: v[0] for k, v in parse_qs(body).items()}
            found = provider.token(words, self.headers.get("Authorization", ""))
            self._answer(found or {"error": "invalid_grant"}, 200 if found else 400)

        def _answer(self, data: dict[str, Any], status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(data).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
