"""Response headers: what a browser may do with our pages, and who may frame them."""

import secrets

from flask import Response, g, request

STATIC_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors *"
)
# A redirect has nothing to show and nothing to frame.
NOTHING = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"


def nonce() -> str:
    """Returns this response's script nonce."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def secure(response: Response) -> Response:
    """Sets the headers of every response.

    A page behind the launch door may be framed by its own platform alone. Refusal pages hold nothing to click, and may
    be framed anywhere, so that they look the same whoever asks. Everything else may not be framed.
    """
    headers = response.headers
    headers.setdefault("Content-Security-Policy", NOTHING if response.location else _policy())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = _referrer(request.path)
    if request.path.startswith(("/g/", "/t/", "/operator/")):
        headers["X-Robots-Tag"] = "noindex, nofollow"
    headers["Permissions-Policy"] = PERMISSIONS
    if request.endpoint != "static":
        headers["Cache-Control"] = headers.get("Cache-Control", "no-store")
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _referrer(path: str) -> str:
    """What of an address goes along to the next: nothing of one that holds a secret.

    A guest's page has a form: with `no-referrer` Chromium would send it with `Origin: null`. Its own origin is enough.
    """
    if path.startswith("/t/"):
        return "no-referrer"
    return "strict-origin" if path.startswith(("/g/", "/operator/enter/")) else "same-origin"


def _policy() -> str:
    if g.get("refused"):
        return STATIC_POLICY
    stay = g.get("stay")
    origins = g.get("frame_origins", stay.launch.frame_origins if stay is not None else "")
    ancestors = f"'self' {origins}".strip() if stay is not None or origins else "'none'"
    forms = f"'self' {g.get('form_origins', '')}".strip()
    return (
        f"default-src 'none'; script-src 'nonce-{nonce()}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; form-action {forms}; base-uri 'none'; object-src 'none'; frame-ancestors {ancestors}"
    )
