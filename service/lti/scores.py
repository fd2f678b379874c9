"""A completion as a score (Assignment and Grade Services 2.0 §3.4), and what a platform's answer to it means.

Whatever is sent is "complete", one of one: there is no number that could be wrong, and no comment.
"""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from http import HTTPStatus
from typing import Any

from service.outbound import Answer

TYPE = "application/vnd.ims.lis.v1.score+json"
SECOND = timedelta(seconds=1)
# The first wait, doubled with every try, up to the longest; a fifth more or less, so that not all come at once.
FIRST, LONGEST, JITTER = timedelta(seconds=10), timedelta(hours=1), 0.2
# After this long somebody has to look.
ENOUGH = timedelta(hours=72)


class Means(Enum):
    """What an answer means for a completion, and for those behind it."""

    SENT = "sent"
    # This one is not taken and never will be.
    REFUSED = "refused"
    # The column is not there any more.
    GONE = "gone"
    # This one did not work now; others may.
    ROW = "row"
    # Nothing of this column works now.
    COLUMN = "column"
    # Nothing of this platform works now.
    PLATFORM = "platform"


@dataclass(frozen=True)
class Verdict:
    """What came of one try. `reason` is a short stable word."""

    means: Means
    reason: str = ""
    retry_after: float | None = None


_FINAL: Mapping[int, Verdict] = {
    # A later score is there already: the completion of an earlier try, or a teacher's own word.
    HTTPStatus.CONFLICT: Verdict(Means.SENT),
    HTTPStatus.BAD_REQUEST: Verdict(Means.REFUSED, "not_a_learner"),
    HTTPStatus.UNPROCESSABLE_ENTITY: Verdict(Means.REFUSED, "not_a_learner"),
    HTTPStatus.FORBIDDEN: Verdict(Means.REFUSED, "not_allowed"),
    HTTPStatus.NOT_FOUND: Verdict(Means.GONE, "column_gone"),
    HTTPStatus.GONE: Verdict(Means.GONE, "column_gone"),
}
# Canvas says so with a 403 (doc/api/throttling.md), where others say 429.
_THROTTLED = b"Rate Limit Exceeded"
_WHOLE_PLATFORM = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


def verdict(answer: Answer, retry_after: float | None = None) -> Verdict:
    """Returns what an answer means. A page for people is none: something stands in front of the platform's service."""
    status = answer.status
    if status in _WHOLE_PLATFORM or (status == HTTPStatus.FORBIDDEN and _THROTTLED in answer.body):
        return Verdict(Means.PLATFORM, f"status_{status}", retry_after)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Verdict(Means.ROW, f"status_{status}", retry_after)
    if answer.body.strip() and "html" in answer.headers.get("content-type", "").lower():
        return Verdict(Means.ROW, "page", retry_after)
    if status in _FINAL:
        return _FINAL[status]
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Verdict(Means.SENT)
    return Verdict(Means.REFUSED, f"status_{status}")


def stamp(now: datetime, before: datetime | None) -> datetime:
    """Returns the time of a score in whole seconds, later than the one before (Moodle compares whole seconds)."""
    whole = now.astimezone(UTC).replace(microsecond=0)
    return whole if before is None else max(whole, before.replace(microsecond=0) + SECOND)


def score(user_id: str, at: datetime, extra: Mapping[str, Any]) -> bytes:
    """Returns the score's JSON: complete, one of one. `extra` is what one product wants besides."""
    body = {
        "userId": user_id, "scoreGiven": 1, "scoreMaximum": 1, "activityProgress": "Completed",
        "gradingProgress": "FullyGraded", "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}", **extra,
    }  # fmt: skip
    return json.dumps(body).encode()


def wait(tries: int, retry_after: float | None = None) -> timedelta:
    """Returns how long to wait after so many tries that did not work; at least what the platform asked for."""
    doubled: timedelta = min(FIRST * 2 ** min(tries, 16), LONGEST)
    spread = doubled * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - not a secret
    return max(spread, timedelta(seconds=retry_after or 0))
