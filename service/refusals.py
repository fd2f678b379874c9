"""Refusal pages: one static page per code, byte-identical inside its class apart from the incident number."""

import re
import secrets
from collections.abc import Sequence
from http import HTTPStatus

import structlog
from flask import Response, g, jsonify, make_response, render_template, request
from flask.globals import request_ctx
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from service import audit
from service.core import close_unit, core
from service.crypto import CannotOpen
from service.errors import STATUS, Busy, Code, Denial, DeploymentPending, Refusal, Sealed
from service.lti.watching import with_error
from service.web import language

log = structlog.get_logger("stegvis.refusals")

# The address of a visit's own pages. It leads back from a refusal that did not end the visit, and holds nothing secret.
_VISIT = re.compile(r"/l/[0-9a-f]{8}-[0-9a-f-]{27}/")
_INSIDE = frozenset({Code.FORBIDDEN, Code.NOTFOUND, Code.METHOD, Code.GONE})
AGAIN = _("Open the activity again from your course.")
PAGES: dict[Code, tuple[object, Sequence[object]]] = {
    Code.MALFORMED: (_("This request could not be read"), [_("Nothing was saved."), AGAIN]),
    Code.LAUNCH: (_("This link could not be verified"), [_("Nothing you have written is lost."), AGAIN]),
    Code.SESSION: (_("Your visit has ended"), [_("What you saved is kept."), AGAIN]),
    Code.FORBIDDEN: (
        _("Your role cannot do this"),
        [_("Nothing was changed."), _("If you need it, ask your training department.")],
    ),
    Code.NOROLE: (
        _("You have no role in this course"),
        [
            _("Stegvis opened, but the course did not say that you are a manager or a coach."),
            _("Ask your training department to give you a role, then open the activity again."),
        ],
    ),
    Code.PENDING: (
        _("This installation is waiting to be activated"),
        [
            _("The learning platform is known, but this installation of it is not switched on yet."),
            _("Ask your training department to activate it, then open the activity again."),
        ],
    ),
    Code.NOTFOUND: (_("There is nothing here"), [_("It may have been switched off or moved."), AGAIN]),
    Code.METHOD: (_("This address cannot be used that way"), [_("Nothing was changed."), AGAIN]),
    Code.TYPE: (_("This kind of content is not accepted"), [_("Nothing was saved."), AGAIN]),
    Code.CONFLICT: (
        _("Somebody changed this before you"),
        [_("Nothing was overwritten."), _("Go back, copy what you wrote, and reload the page.")],
    ),
    Code.GONE: (_("This link has been used or has expired"), [_("Ask for a new file on the export page.")]),
    Code.LARGE: (
        _("That was more than can be sent at once"),
        [_("Nothing was saved. Go back, your text is still there."), _("Make it shorter and send it again.")],
    ),
    Code.INVALID: (
        _("Something in the form is not right"),
        [_("Nothing was saved. Go back, your text is still there.")],
    ),
    Code.CSRF: (
        _("The page had grown old"),
        [_("Nothing was saved. Go back, your text is still there."), _("Reload the page and try again.")],
    ),
    Code.RATE: (_("Too many requests at once"), [_("Nothing was saved. Wait a minute and try again.")]),
    Code.BUSY: (
        _("Stegvis cannot save right now"),
        [_("What you sent was not saved. Go back, your text is still there."), _("Try again in a minute.")],
    ),
    Code.SEALED: (
        _("A text on this page cannot be opened"),
        [
            _("It does not lie where it was written, so it is not shown to anybody. Nothing was changed."),
            _("Give the number below to your training department."),
        ],
    ),
    Code.BROKEN: (
        _("Something went wrong with us"),
        [
            _("What you sent was not saved."),
            _("Try again. If it happens once more, give the number below to your training department."),
        ],
    ),
}

# What somebody is told whose own launch it was, where the code alone would leave her guessing.
VERIFIED: dict[str, object] = {
    "member_left": _("The course says that you are no longer in it. Ask your training department if that is wrong."),
    "disabled": _("Stegvis has been switched off for this learning platform. Ask your training department."),
    "platform_disabled": _("Stegvis has been switched off for this learning platform. Ask your training department."),
    "deployment_disabled": _(
        "Stegvis has been switched off for this part of the learning platform. Ask your training department."
    ),
}

FROM_HTTP = {
    400: Code.MALFORMED, 403: Code.FORBIDDEN, 404: Code.NOTFOUND, 405: Code.METHOD, 413: Code.LARGE, 415: Code.TYPE,
    429: Code.RATE, 503: Code.BUSY,
}  # fmt: skip


def new_incident() -> str:
    """Returns an incident number: short enough to be read out, random so that it tells nothing."""
    return secrets.token_hex(4).upper()


def refuse(error: Refusal) -> Response:
    """Answers a refusal: rolls back, counts or audits it, and shows the page of its code."""
    close_unit()
    incident = new_incident()
    # A pending deployment's reason is its number, which must not become a label.
    reason = "deployment_pending" if isinstance(error, DeploymentPending) else error.reason
    core().metrics.refused(error.code.value, reason)
    if error.denial is not None:
        _audit(error, incident)
    log.info("refused", code=error.code.value, reason=error.reason, incident=incident)
    _tell(reason, incident)
    shown = _for_the_verified(error)
    response = answer(error.code, incident, shown, _way_back(error, incident))
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _tell(reason: str, incident: str) -> None:
    """Tells whoever watches this request how it ended, by the number that the page shows."""
    watch = g.get("watch")
    if watch is not None:
        watch.refused(reason, incident)


def _for_the_verified(error: Refusal) -> str:
    """One more line for somebody whom the platform vouched for: what her page can say without telling a stranger."""
    if isinstance(error, DeploymentPending):
        return error.reason
    return str(VERIFIED[error.reason]) if error.denial is not None and error.reason in VERIFIED else ""


def _way_back(error: Refusal, incident: str) -> str:
    """The platform's return address with what happened, where a verified message named one; else nothing."""
    watch, stay = g.get("watch"), g.get("stay")
    if watch is not None:
        url = watch.way_back()
    else:
        url = stay.launch.return_url if stay is not None and error.code is Code.NOROLE else g.get("return_url", "")
    if not url:
        return ""
    heading, paragraphs = PAGES[error.code]
    return with_error(url, f"{heading}. {paragraphs[-1]}", f"{error.code.value} {incident}")


def _audit(error: Refusal, incident: str) -> None:
    denial = error.denial
    stay = g.get("stay")
    actor = stay.actor if stay is not None else g.get("denied_actor") or audit.Actor()
    if denial is not None:
        with core().units.writing():
            audit.append(
                actor, denial.action, outcome=audit.Outcome(denial.outcome), reason=denial.reason,
                object_type=denial.object_type, object_ref=denial.object_ref, incident=incident,
            )  # fmt: skip


def answer(code: Code, incident: str, shown: str = "", way_back: str = "") -> Response:
    """Returns the static page of a code, or RFC 9457 problem details for a client that asks for JSON.

    `shown` is one more line, `way_back` the platform's address that a plain link leads to.
    """
    heading, paragraphs = PAGES[code]
    g.refused = True
    status = STATUS[code]
    if request.accept_mimetypes.best_match(["text/html", "application/problem+json"]) == "application/problem+json":
        problem = jsonify(title=str(heading), status=status, code=code.value, incident=incident)
        problem.mimetype = "application/problem+json"
        return make_response(problem, status)
    if request_ctx.url_adapter is None:  # a host name that is not ours: nothing of ours can be addressed from there
        return make_response(
            f"{heading}. {code.value} {incident}\n", status, {"Content-Type": "text/plain; charset=utf-8"}
        )
    html = render_template(
        "stegvis/refusal.html", heading=heading, paragraphs=[*paragraphs, *([shown] if shown else [])],
        code=code.value, incident=incident, lang=language(), way_back=way_back, inside=_inside(code),
    )  # fmt: skip
    return make_response(html, status)


def _inside(code: Code) -> str:
    """The first page of the visit that this was asked in, for a refusal that leaves it open; else nothing."""
    found = _VISIT.match(request.path)
    if found is None or code not in _INSIDE:
        return ""
    return found.group() + ("exports" if code is Code.GONE else "")


def from_http(error: HTTPException) -> Response:
    """Answers what Werkzeug refuses, in the same pages."""
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    refusal = Refusal(f"http_{error.code}")
    refusal.code = FROM_HTTP.get(
        error.code, Code.MALFORMED if error.code < HTTPStatus.INTERNAL_SERVER_ERROR else Code.BROKEN
    )
    response = refuse(refusal)
    if error.code == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = error.get_response().headers.get("Allow", "")
    return response


def from_database(error: Exception) -> Response:
    """Answers a database that is down, full or busy: 503, and the entry was not saved, which is true."""
    if isinstance(error, OperationalError | PoolTimeout) or getattr(error, "connection_invalidated", False):
        log.error("database_unavailable", error=type(error).__name__)
        return refuse(Busy("database", retry_after=5))
    return from_anything(error)


def from_sealed(error: CannotOpen) -> Response:
    """Answers a sealed text that does not open: refused, and audited with the place and row that it was found in."""
    denial = Denial("crypto.open", "cannot_open", error.place[:40], str(error.row or ""), outcome="error")
    return refuse(Sealed("cannot_open", denial=denial))


def from_anything(error: Exception) -> Response:
    """Answers what nobody expected: logged with its trace for the operator, one sentence for the visitor."""
    close_unit()
    incident = new_incident()
    core().metrics.refused(Code.BROKEN.value, "exception")
    log.error("failed", incident=incident, exc_info=error)
    _tell("exception", incident)
    return answer(Code.BROKEN, incident)
