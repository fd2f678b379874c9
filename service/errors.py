"""Refusals: one hierarchy with a stable code, a status and what the caller may know.

Whatever goes wrong is turned into one of these at the boundary where it is understood. The reason is for the operator
(counter, log, audit); the visitor gets the sentence of the code and nothing else, so that a refusal is no oracle.
"""

from dataclasses import dataclass
from enum import StrEnum


class StartRefused(Exception):
    """The service does not start; the message is the one sentence that says why. The process ends with status 78."""


class Code(StrEnum):
    """The stable codes of refusal pages. One page text belongs to each."""

    MALFORMED = "E-MALFORMED"
    LAUNCH = "E-LAUNCH"
    COOKIE = "E-COOKIE"
    SESSION = "E-SESSION"
    FORBIDDEN = "E-FORBIDDEN"
    NOROLE = "E-NOROLE"
    PENDING = "E-PENDING"
    NOTFOUND = "E-NOTFOUND"
    METHOD = "E-METHOD"
    TYPE = "E-TYPE"
    CONFLICT = "E-CONFLICT"
    GONE = "E-GONE"
    LARGE = "E-LARGE"
    INVALID = "E-INVALID"
    CSRF = "E-CSRF"
    RATE = "E-RATE"
    BUSY = "E-BUSY"
    SEALED = "E-SEALED"
    BROKEN = "E-BROKEN"


STATUS = {
    Code.MALFORMED: 400,
    Code.LAUNCH: 401,
    Code.COOKIE: 200,
    Code.SESSION: 401,
    Code.FORBIDDEN: 403,
    Code.NOROLE: 403,
    Code.PENDING: 403,
    Code.NOTFOUND: 404,
    Code.METHOD: 405,
    Code.TYPE: 415,
    Code.CONFLICT: 409,
    Code.GONE: 410,
    Code.LARGE: 413,
    Code.INVALID: 422,
    Code.CSRF: 403,
    Code.RATE: 429,
    Code.BUSY: 503,
    Code.SEALED: 503,
    Code.BROKEN: 500,
}


@dataclass(frozen=True)
class Denial:
    """What the audit trail keeps of a refusal of somebody verified. `outcome` is error where the fault is not hers."""

    action: str
    reason: str
    object_type: str = ""
    object_ref: str = ""
    outcome: str = "deny"


class Refusal(Exception):
    """A request that is answered with the static page of its code.

    `reason` is a short stable word for counters and logs. With `denial` one audit event is written, in a transaction of
    its own, after the request's own work has been rolled back.
    """

    code = Code.BROKEN

    def __init__(self, reason: str, *, denial: Denial | None = None, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.denial = denial
        self.retry_after = retry_after


class Malformed(Refusal):
    """The request could not be read."""

    code = Code.MALFORMED


class LaunchRefused(Refusal):
    """A login or launch that cannot be verified. One text for every cause."""

    code = Code.LAUNCH


class SessionEnded(Refusal):
    """No such launch, another browser's launch, or an expired one."""

    code = Code.SESSION


class Forbidden(Refusal):
    """The role lacks a function of the own cohort."""

    code = Code.FORBIDDEN


class NoRole(Refusal):
    """The person's roles give nothing to do in this cohort."""

    code = Code.NOROLE


class DeploymentPending(Refusal):
    """The platform is known, its deployment is not activated yet. `reason` names the deployment id, which is shown."""

    code = Code.PENDING


class PlatformPending(Refusal):
    """The platform registered itself, and nobody has approved that yet."""

    code = Code.PENDING


class NotFound(Refusal):
    """Absent, another tenant's, another cohort's, confidential, or switched off: all the same."""

    code = Code.NOTFOUND


class Conflict(Refusal):
    """Somebody else changed the thing in between."""

    code = Code.CONFLICT


class Gone(Refusal):
    """An expired or used link of one's own."""

    code = Code.GONE


class TooLarge(Refusal):
    """More was sent than is accepted."""

    code = Code.LARGE


class CsrfRefused(Refusal):
    """An unsafe request without the page's own token."""

    code = Code.CSRF


class Busy(Refusal):
    """A part the request needs is down. Nothing was saved."""

    code = Code.BUSY


class Sealed(Refusal):
    """A sealed text does not open where it lies. What else was asked for is refused with it, and it is audited."""

    code = Code.SEALED


class Invalid(Exception):
    """Input that breaks a rule: field name → sentence. The form is shown again with it and everything typed is kept."""

    def __init__(self, **fields: str) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields
