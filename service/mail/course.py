"""The address of somebody's course in the platform, as far as it can be told without giving anything away."""

import re
import uuid
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

from service.cohorts.models import Launch, Member
from service.unit import current

_DIGITS = re.compile(r"[0-9]{1,18}")
_CANVAS = re.compile(r"(/courses/[0-9]{1,18})/external_content/.*")


def address(return_url: str) -> str:
    """Returns the course's own address, made from where a launch says to return to; "" where the shape is not known.

    That address itself is never passed on: Moodle puts the session key of her visit into it.
    """
    try:
        parts = urlsplit(return_url)
        found = parse_qs(parts.query)
    except ValueError:
        return ""
    if not parts.netloc or "@" in parts.netloc or parts.scheme not in ("https", "http"):
        return ""
    home = f"{parts.scheme}://{parts.netloc}"
    if parts.path.endswith("/mod/lti/return.php"):
        course = found.get("course", [""])[-1]
        above = parts.path.removesuffix("/mod/lti/return.php")
        return f"{home}{above}/course/view.php?id={course}" if _DIGITS.fullmatch(course) else ""
    canvas = _CANVAS.fullmatch(parts.path)
    return home + canvas[1] if canvas else ""


def of(person_id: uuid.UUID, cohort_id: uuid.UUID | None) -> str:
    """Returns the address of a person's course by her latest launch there, or "". Without a cohort: of any she is in."""
    query = sa.select(Launch.return_url).where(Launch.person_id == person_id, Launch.return_url != "")
    if cohort_id is None:
        hers = sa.select(Member.cohort_id).where(Member.person_id == person_id, Member.active)
        query = query.where(Launch.cohort_id.in_(hers))
    else:
        query = query.where(Launch.cohort_id == cohort_id)
    return address(current().session.scalars(query.order_by(Launch.created_at.desc()).limit(1)).first() or "")
