"""Who launches, and where: finding and writing deployment, person, cohort and member in few statements.

Everything is looked up in one statement, and only what the platform said anew is written. Two first launches at once
meet in the unique constraints: the later one finds what the earlier one wrote.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.access import Role
from service.cohorts.models import Cohort, Launch, Member, Person
from service.cohorts.switches import start_cohort
from service.db import Base
from service.host import Host
from service.lti.claims import Message
from service.lti.models import Deployment, DeploymentState, Platform, PlatformState, UsedNonce
from service.lti.registrations import Registration
from service.lti.roles import Meaning
from service.prepared import Prepared
from service.unit import Unit

# A member's last visit is written when it is this much older, so that reloading a course costs no write.
SEEN_AGAIN = timedelta(minutes=1)
# A platform whose deployments nobody activates cannot fill the table.
MAX_PENDING = 200


@dataclass(frozen=True)
class Place:
    """What is known of a launch's deployment, person, cohort and member; missing parts are None."""

    deployment_id: uuid.UUID | None = None
    deployment_state: DeploymentState | None = None
    organisation_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    person_name: str | None = None
    person_locale: str | None = None
    person_is_test: bool | None = None
    person_zone: str | None = None
    cohort_id: uuid.UUID | None = None
    cohort_title: str | None = None
    memberships_url: str | None = None
    lineitems_url: str | None = None
    grade_scopes: str | None = None
    member_id: uuid.UUID | None = None
    member_role: Role | None = None
    member_active: bool | None = None
    member_from_roster: bool | None = None
    member_seen: datetime | None = None
    platform_state: PlatformState | None = None
    notices_url: str | None = None


_FIND = Prepared(lambda _dialect: (
    sa.select(
        Deployment.id, Deployment.state, Deployment.organisation_id,
        Person.id, Person.name, Person.locale, Person.is_test, Person.zone,
        Cohort.id, Cohort.title, Cohort.memberships_url, Cohort.lineitems_url, Cohort.grade_scopes,
        Member.id, Member.role, Member.active, Member.from_roster, Member.last_seen_at, Platform.state,
        Deployment.notices_url,
    )
    .select_from(Platform)
    .outerjoin(
        Deployment,
        (Deployment.platform_id == Platform.id) & (Deployment.deployment_id == sa.bindparam("deployment")),
    )
    .outerjoin(
        Person,
        (Person.organisation_id == Deployment.organisation_id)
        & (Person.platform_id == Platform.id)
        & (Person.sub == sa.bindparam("sub", type_=sa.Text())),
    )
    .outerjoin(
        Cohort,
        (Cohort.deployment_id == Deployment.id) & (Cohort.context_id == sa.bindparam("context", type_=sa.Text())),
    )
    .outerjoin(Member, (Member.cohort_id == Cohort.id) & (Member.person_id == Person.id))
    .where(Platform.id == sa.bindparam("platform"))
))  # fmt: skip


def find_place(unit: Unit, registration: Registration, launch: Message) -> Place:
    """Looks up everything that a launch names, in one statement."""
    row = _FIND.row(unit.connection, {
        "platform": registration.id, "deployment": launch.deployment_id, "sub": launch.sub,
        "context": launch.context.id if launch.context else None,
    })  # fmt: skip
    return Place(*row) if row else Place()


@cache
def _insert(model: type[Base], dialect: str) -> Any:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    # Without the option, an INSERT's row count is not kept on PostgreSQL.
    return insert(model).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def insert_new(unit: Unit, model: type[Base], values: dict[str, Any]) -> bool:
    """Inserts a row unless a unique constraint says that it is there already. Tells whether it was inserted."""
    connection = unit.connection
    return bool(connection.execute(_insert(model, connection.dialect.name), values).rowcount == 1)


def _insert_of(model: type[Base], columns: Sequence[str]) -> Prepared:
    def statement(dialect: str) -> sa.Executable:
        made: sa.Executable = _insert(model, dialect).values({name: sa.bindparam(name) for name in columns})
        return made

    return Prepared(statement)


_NONCE = _insert_of(UsedNonce, ("nonce_hash", "expires_at"))
_LAUNCH = _insert_of(Launch, (
    "id", "browser_hash", "platform_id", "deployment_id", "organisation_id", "person_id", "cohort_id", "member_id", "role",
    "locale", "in_frame", "return_url", "frame_origins", "created_at", "expires_at",
))  # fmt: skip


def insert_launch(unit: Unit, values: dict[str, Any]) -> None:
    """Inserts the launch row."""
    _LAUNCH.run(unit.connection, values)


def consume(unit: Unit, platform_id: uuid.UUID, nonce: str, until: datetime) -> bool:
    """Spends a nonce of a platform. Tells whether it was unspent; of several at once exactly one is told so."""
    spent = hashlib.sha256(platform_id.bytes + nonce.encode()).digest()
    return _NONCE.run(unit.connection, {"nonce_hash": spent, "expires_at": until}) == 1


def deployed(unit: Unit, registration: Registration, launch: Message, place: Place) -> Place:
    """Writes down a deployment seen for the first time: pending, unless the registration activates by itself."""
    deployments = Deployment.__table__
    pending = (deployments.c.platform_id == registration.id) & (deployments.c.state == DeploymentState.PENDING)
    state = DeploymentState.ACTIVE if registration.auto_activate else DeploymentState.PENDING
    count = unit.session.scalar(sa.select(sa.func.count()).where(pending)) or 0
    if state is DeploymentState.PENDING and count >= MAX_PENDING:
        return place
    insert_new(unit, Deployment, {
        "id": uuid.uuid4(), "platform_id": registration.id, "organisation_id": registration.organisation_id,
        "deployment_id": launch.deployment_id, "state": state, "created_at": unit.now(),
    })  # fmt: skip
    return find_place(unit, registration, launch)


def settle(
    unit: Unit, host: Host, registration: Registration, launch: Message, meaning: Meaning, place: Place
) -> Place:
    """Writes what is new about person, cohort and member, and returns the place with nothing missing but the course."""
    if place.person_id is None:
        place = _new_person(unit, registration, launch, meaning, place)
    else:
        _refresh_person(unit, launch, meaning, place)
    if launch.context is None:
        return place
    if place.cohort_id is None:
        place = _new_cohort(unit, host, registration, launch, place)
    else:
        _refresh_cohort(unit, launch, place)
    if place.member_id is None:
        return _new_member(unit, registration, launch, meaning, place)
    _refresh_member(unit, meaning, place)
    return place


def _update(unit: Unit, model: type[Base], row_id: uuid.UUID | None, values: dict[str, Any]) -> None:
    table: Any = model.__table__
    unit.connection.execute(sa.update(table).where(table.c.id == row_id).values(values))


def _new_person(unit: Unit, registration: Registration, launch: Message, meaning: Meaning, place: Place) -> Place:
    person_id = uuid.uuid4()
    # Where a platform may launch without saying who, each such launch is somebody new: two must never become one.
    values = {
        "id": person_id, "organisation_id": place.organisation_id, "platform_id": registration.id,
        "sub": launch.sub or f"anonymous {person_id}", "name": launch.person_name, "locale": launch.language,
        "zone": launch.zone, "is_test": meaning.is_test, "created_at": unit.now(),
    }  # fmt: skip
    if not insert_new(unit, Person, values):
        return find_place(unit, registration, launch)
    return replace(place, person_id=person_id, person_locale=launch.language)


def _refresh_person(unit: Unit, launch: Message, meaning: Meaning, place: Place) -> None:
    said = {"name": launch.person_name, "locale": launch.language or place.person_locale,
            "zone": launch.zone or place.person_zone, "is_test": meaning.is_test}  # fmt: skip
    known = {"name": place.person_name, "locale": place.person_locale,
             "zone": place.person_zone, "is_test": place.person_is_test}  # fmt: skip
    changed = {name: value for name, value in said.items() if value != known[name]}
    if changed:
        _update(unit, Person, place.person_id, changed)


def _new_cohort(unit: Unit, host: Host, registration: Registration, launch: Message, place: Place) -> Place:
    cohort = Cohort(
        organisation_id=place.organisation_id, deployment_id=place.deployment_id, title=launch.course_title,
        context_id=launch.context.id if launch.context else "", created_at=unit.now(),
    )  # fmt: skip
    values = {"id": cohort.id, "organisation_id": cohort.organisation_id, "deployment_id": cohort.deployment_id,
              "context_id": cohort.context_id, "title": cohort.title, "created_at": cohort.created_at,
              **_services(launch)}  # fmt: skip
    if not insert_new(unit, Cohort, values):
        found = find_place(unit, registration, launch)
        return replace(found, person_id=place.person_id)
    start_cohort(cohort, host)
    return replace(place, cohort_id=cohort.id)


def _refresh_cohort(unit: Unit, launch: Message, place: Place) -> None:
    said = _services(launch)
    if launch.course_title:
        said["title"] = launch.course_title
    changed = {name: value for name, value in said.items() if value != getattr(place, _KNOWN_AS.get(name, name))}
    if changed:
        _update(unit, Cohort, place.cohort_id, changed)


_KNOWN_AS = {"title": "cohort_title"}


def _services(launch: Message) -> dict[str, str]:
    """What the message says of the course's services. One that it does not mention stays as it was known."""
    said: dict[str, str] = {}
    if launch.names_and_roles is not None and launch.names_and_roles.context_memberships_url:
        said["memberships_url"] = launch.names_and_roles.context_memberships_url
    if launch.endpoint is not None:
        said["grade_scopes"] = " ".join(sorted(launch.endpoint.scope))
        if launch.endpoint.lineitems:
            said["lineitems_url"] = launch.endpoint.lineitems
    return said


def _new_member(unit: Unit, registration: Registration, launch: Message, meaning: Meaning, place: Place) -> Place:
    member_id, now = uuid.uuid4(), unit.now()
    values = {
        "id": member_id, "cohort_id": place.cohort_id, "person_id": place.person_id, "role": meaning.role,
        "active": True, "first_seen_at": now, "last_seen_at": now,
    }  # fmt: skip
    if not insert_new(unit, Member, values):
        return find_place(unit, registration, launch)
    return replace(place, member_id=member_id)


def _refresh_member(unit: Unit, meaning: Meaning, place: Place) -> None:
    now = unit.now()
    changed: dict[str, Any] = {}
    if place.member_role is not meaning.role:
        changed["role"] = meaning.role
    if not place.member_active:
        changed["active"] = True  # the platform has just let her in
    if place.member_from_roster:
        changed["from_roster"] = False
    if place.member_seen is None or now - place.member_seen >= SEEN_AGAIN:
        changed["last_seen_at"] = now
    if changed:
        _update(unit, Member, place.member_id, changed)
