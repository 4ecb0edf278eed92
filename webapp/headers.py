"""The security and caching headers of every answer."""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
FIXED = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_YEAR = "public, max-age=31536000, immutable"


def add_headers(response: Response) -> Response:
    """Set the fixed headers, what the answer varies on, and how long it may be kept."""
    for name, value in FIXED.items():
        response.headers[name] = value
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static":
        # The address of a versioned file changes with its content.
        if response.status_code == 200 and ("v" in request.args or "/vendor/" in request.path):
            response.headers["Cache-Control"] = _YEAR
        return response
    response.vary.update(("HX-Request", "Cookie"))
    response.headers.setdefault("Cache-Control", "no-cache")
    return response


def guard(app: Flask) -> None:
    """Have every answer of the application carry the headers."""
    app.after_request(add_headers)
