"""Connections as the training department sees and changes them: its platforms, their deployments, and what works.

Everything is looked up within the own organisation: another one's platform, deployment, cohort or note is not there.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service import audit
from service.audit import Actor
from service.cohorts.models import Cohort, CohortPlugin, Launch, Organisation
from service.errors import Conflict, NotFound
from service.lti import notes
from service.lti.asking_words import told
from service.lti.models import Deployment, DeploymentState, Platform, PlatformKeys, PlatformState
from service.lti.note_models import KeysFetched, LaunchNote
from service.lti.notes import Skew
from service.lti.platforms import change_state, differences
from service.lti.service_models import Delivery, DeliveryState, LineItem, PlatformHealth, RosterSync
from service.unit import current


@dataclass(frozen=True)
class Installation:
    """A deployment of the own organisation. `here`: the launch that is looking came through it."""

    deployment: Deployment
    here: bool


@dataclass(frozen=True)
class Connection:
    """One platform of the organisation and all that is known of how it works."""

    platform: Platform
    installations: Sequence[Installation]
    here: bool
    lost: Sequence[Any]
    skew: Skew | None
    last_launch: datetime | None
    last_accepted: datetime | None
    ours: KeysFetched | None
    theirs: PlatformKeys | None
    health: PlatformHealth | None

    @property
    def pending(self) -> bool:
        """Whether it registered itself and waits to be approved."""
        return self.platform.state is PlatformState.PENDING

    @property
    def needs_somebody(self) -> bool:
        """Whether somebody should do something about it."""
        waits = any(one.deployment.state is DeploymentState.PENDING for one in self.installations)
        return self.pending or waits or bool(self.skew and self.skew.warns)


@dataclass(frozen=True)
class CohortLine:
    """A course: how its roster and its completions are, and whether it has been put away."""

    cohort: Cohort
    roster: RosterSync | None
    completion: bool
    states: frozenset[DeliveryState] = field(default_factory=frozenset)
    here: bool = False


def connections(launch: Launch, leeway_seconds: int) -> list[Connection]:
    """Returns the organisation's platforms, those that need somebody first. Seven statements, however many there are."""
    session = current().session
    platforms = list(session.scalars(sa.select(Platform).where(_own(launch.organisation_id)).order_by(Platform.name)))
    ids = [platform.id for platform in platforms]
    installations = _installations(launch, ids)
    noted = defaultdict(list)
    for note in own_notes(launch.organisation_id, ids, limit=notes.KEPT * max(1, len(ids))):
        noted[note.platform_id].append(note)
    ours, theirs, health = (_by_platform(model, ids) for model in (KeysFetched, PlatformKeys, PlatformHealth))
    found = [
        Connection(
            platform, installations[platform.id], platform.id == launch.platform_id, told(differences(platform)),
            notes.skew_among(noted[platform.id], leeway_seconds), _first(noted[platform.id]),
            _first(note for note in noted[platform.id] if note.outcome == "accepted"),
            ours.get(platform.id), theirs.get(platform.id), health.get(platform.id),
        )
        for platform in platforms
    ]  # fmt: skip
    return sorted(found, key=lambda one: not one.needs_somebody)


def _by_platform(model: Any, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Any]:
    found = current().session.scalars(sa.select(model).where(model.platform_id.in_(ids)))
    return {row.platform_id: row for row in found}


def _own(organisation_id: uuid.UUID) -> sa.ColumnElement[bool]:
    return Platform.organisation_id == organisation_id


def _first(noted: Iterable[LaunchNote]) -> datetime | None:
    return next((note.at for note in noted), None)


def _installations(launch: Launch, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, list[Installation]]:
    query = sa.select(Deployment).where(
        Deployment.platform_id.in_(ids), Deployment.organisation_id == launch.organisation_id
    )
    found: dict[uuid.UUID, list[Installation]] = defaultdict(list)
    for one in current().session.scalars(query.order_by(Deployment.state.desc(), Deployment.deployment_id)):
        found[one.platform_id].append(Installation(one, one.id == launch.deployment_id))
    return found


def own_platform(organisation_id: uuid.UUID, platform_id: uuid.UUID) -> Platform:
    """Returns a platform of the organisation. Raises NotFound for any other."""
    query = sa.select(Platform).where(Platform.id == platform_id, _own(organisation_id))
    found = current().session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("no_platform")
    return found


def set_platform(launch: Launch, platform_id: uuid.UUID, state: PlatformState, actor: Actor) -> Platform:
    """Approves, enables or disables a platform; what is open through a disabled one ends with its next request.

    Raises Conflict for disabling the platform that the launch itself came through: nobody could take that back.
    """
    platform = own_platform(launch.organisation_id, platform_id)
    if state is not PlatformState.ACTIVE and platform.id == launch.platform_id:
        raise Conflict("own_platform")
    change_state(platform, state, actor)
    return platform


def set_deployment(launch: Launch, deployment_id: uuid.UUID, state: DeploymentState, actor: Actor) -> Deployment:
    """Activates or disables a deployment of the own organisation. Raises NotFound, and Conflict for the launch's own."""
    query = (
        sa.select(Deployment)
        .join(Platform)
        .where(
            Deployment.id == deployment_id, Deployment.organisation_id == launch.organisation_id,
            _own(launch.organisation_id),
        )
    )  # fmt: skip
    found = current().session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("no_deployment")
    if state is not DeploymentState.ACTIVE and found.id == launch.deployment_id:
        raise Conflict("own_deployment")
    change_state(found, state, actor)
    return found


def organisation_of(launch: Launch) -> Organisation:
    """Returns the organisation that the launch belongs to."""
    return current().session.get_one(Organisation, launch.organisation_id)


def own_notes(
    organisation_id: uuid.UUID, platform_ids: Sequence[uuid.UUID], limit: int = notes.KEPT
) -> list[LaunchNote]:
    """Returns the latest notes of these platforms, without those of another organisation's deployments on them."""
    others = sa.select(Deployment.platform_id, Deployment.deployment_id).where(
        Deployment.platform_id.in_(platform_ids), Deployment.organisation_id != organisation_id
    )
    foreign = {tuple(row) for row in current().session.execute(others)}
    found = notes.latest(platform_ids, limit)
    return [note for note in found if (note.platform_id, note.deployment) not in foreign]


def own_note(organisation_id: uuid.UUID, note_id: uuid.UUID) -> tuple[LaunchNote, Platform]:
    """Returns a note and its platform. Raises NotFound for another organisation's, and for one of no platform."""
    note = current().session.get(LaunchNote, note_id)
    if note is None or note.platform_id is None:
        raise NotFound("no_note")
    platform = own_platform(organisation_id, note.platform_id)
    if note not in own_notes(organisation_id, [platform.id]):
        raise NotFound("no_note")
    return note, platform


def platforms_of(organisation_id: uuid.UUID) -> Mapping[uuid.UUID, Platform]:
    """Returns the organisation's platforms by id."""
    found = current().session.scalars(sa.select(Platform).where(_own(organisation_id)))
    return {platform.id: platform for platform in found}


def cohort_lines(launch: Launch) -> list[CohortLine]:
    """Returns the organisation's cohorts, those put away last, with how roster and completion are. Four statements."""
    session = current().session
    mine = Cohort.organisation_id == launch.organisation_id
    cohorts = session.scalars(sa.select(Cohort).where(mine)).all()
    syncs = {row.cohort_id: row for row in session.scalars(sa.select(RosterSync).join(Cohort).where(mine))}
    telling = sa.select(CohortPlugin.cohort_id).join(Cohort).where(mine, CohortPlugin.completion, CohortPlugin.enabled)
    tells = set(session.scalars(telling))
    states = (
        sa.select(LineItem.cohort_id, Delivery.state)
        .join(LineItem, LineItem.id == Delivery.line_item_id)
        .join(Cohort, Cohort.id == LineItem.cohort_id)
        .where(mine)
        .distinct()
    )
    found: dict[uuid.UUID, set[DeliveryState]] = defaultdict(set)
    for row in session.execute(states):
        found[row.cohort_id].add(row.state)
    lines = [
        CohortLine(one, syncs.get(one.id), one.id in tells, frozenset(found[one.id]), one.id == launch.cohort_id)
        for one in cohorts
    ]
    return sorted(lines, key=lambda line: (line.cohort.archived_at is not None, line.cohort.title.casefold()))


def put_away(cohort: Cohort, actor: Actor, *, away: bool) -> bool:
    """Archives a cohort, or takes it back; nothing of it is deleted. Returns whether that changed anything."""
    if (cohort.archived_at is not None) is away:
        return False
    cohort.archived_at = current().now() if away else None
    current().session.flush()
    action = "cohort.archive" if away else "cohort.restore"
    audit.append(actor, action, object_type="cohort", object_ref=str(cohort.id))
    return True


def outcomes(found: Iterable[LaunchNote]) -> Counter[str]:
    """Returns how many launches ended how."""
    return Counter(note.outcome for note in found)
