"""The first member of a training department: the one-time code of the registration turns a candidate into one."""

import hashlib
import uuid
from collections import defaultdict
from datetime import datetime, timedelta

import sqlalchemy as sa

from service import audit
from service.access import Role
from service.audit import Actor, Outcome
from service.cohorts.models import Grant, Launch
from service.lti.models import Platform
from service.unit import current

TRIES = 10
WINDOW = timedelta(hours=1)


class Tries:
    """Wrong codes per person within the last hour, in this process. The code is long; this only quietens a script."""

    def __init__(self) -> None:
        self._wrong: dict[uuid.UUID, list[datetime]] = defaultdict(list)

    def used_up(self, person_id: uuid.UUID, now: datetime) -> bool:
        """Tells whether a person has to wait before she may try again."""
        self._wrong[person_id] = [at for at in self._wrong[person_id] if at > now - WINDOW]
        return len(self._wrong[person_id]) >= TRIES

    def wrong(self, person_id: uuid.UUID, now: datetime) -> None:
        """Notes a wrong code."""
        self._wrong[person_id].append(now)


def claim(launch: Launch, code: str, actor: Actor) -> bool:
    """Gives the launch's person the training role when the code is the platform's, and uses the code up.

    Returns whether it was. Of two who send it at once, one gets the role.
    """
    spent = current().session.execute(
        sa.update(Platform)
        .where(Platform.id == launch.platform_id, Platform.training_code_hash == digest(code))
        .values(training_code_hash=None),
        execution_options={"synchronize_session": False},
    )
    right = bool(spent.rowcount == 1)  # type: ignore[attr-defined]  # an UPDATE's result has it
    if right:
        current().session.add(Grant(
            organisation_id=launch.organisation_id, cohort_id=None, person_id=launch.person_id, role=Role.TRAINING,
            granted_by=None, granted_at=current().now(),
        ))  # fmt: skip
        current().session.flush()
    outcome, reason = (Outcome.ALLOW, "training") if right else (Outcome.DENY, "wrong_code")
    ref = str(launch.platform_id)
    audit.append(actor, "role.claim", outcome=outcome, reason=reason, object_type="platform", object_ref=ref)
    return right


def digest(code: str) -> bytes:
    """Returns the hash of a code, which is all that the database keeps. Spaces around it do not count."""
    return hashlib.sha256(code.strip().encode("utf-8", "surrogatepass")).digest()
