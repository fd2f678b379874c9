"""What the services of the practice LMS share: access tokens, media types, and Moodle's way of refusing."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

from service.demo.people import Course
from service.demo.practice import AccessToken, current_lms

MOST_DIGITS = 10

_REASONS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}


class ServiceRefused(HTTPException):
    """A refusal with the JSON body that Moodle's services give."""

    def __init__(self, status: int, reason: str = "") -> None:
        about = {
            "method": request.method,
            "url": request.full_path.rstrip("?"),
            "accept": request.headers.get("Accept", ""),
            "contentType": request.headers.get("Content-Type", ""),
        }
        body = {"status": status, "reason": reason or _REASONS[status], "request": about}
        super().__init__(response=answer(body, "application/json", status))


def answer(body: Any, media_type: str, status: int = 200) -> Response:
    """A JSON answer with a media type of its own."""
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=f"{media_type}; charset=utf-8")


def need(*scopes: str) -> AccessToken:
    """The request's access token, which must have one of the scopes. Refuses with 401."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    token = current_lms().access_token(value.strip()) if kind.lower() == "bearer" else None
    if token is None or not token.scopes.intersection(scopes):
        raise ServiceRefused(401)
    return token


def accepts(media_type: str) -> None:
    """Refuse with 400 a request that asks for another media type, as Moodle does; ``*/*`` will do."""
    asked = request.headers.get("Accept", "*/*")
    if not any(part.split(";")[0].strip() in (media_type, "*/*") for part in asked.split(",")):
        raise ServiceRefused(400, f"No handler found for {request.path} {asked}")


def sent(media_type: str) -> dict[str, Any]:
    """The request's JSON object, which must come as exactly this media type. Refuses with 400."""
    if request.mimetype != media_type:
        raise ServiceRefused(400, f"No handler found for {request.path} {request.mimetype}")
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise ServiceRefused(400)
    return body


def course_or_404(course_id: str) -> Course:
    """A course by the id that tools know."""
    try:
        return current_lms().course(course_id)
    except KeyError:
        raise ServiceRefused(404, "Not Found: Course not found") from None


def whole(name: str) -> int | None:
    """A whole number from the query, None when it is absent or nonsense."""
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < MOST_DIGITS else None
