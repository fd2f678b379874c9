"""The people of a cohort: who is there, as what, and the roles given to them inside the tool."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import class_mapper, contains_eager
from sqlalchemy.orm.attributes import set_committed_value

from service import audit
from service.access import GRANTABLE, Role
from service.audit import Actor
from service.cohorts.models import Cohort, Grant, Member, Person
from service.cohorts.roles import effective_role
from service.errors import Invalid, NotFound
from service.prepared import Prepared
from service.unit import current

T = TypeVar("T")
# Swedish puts å, ä and ö after z, in that order, where Unicode has ä before å and both before ö.
_AFTER_Z = str.maketrans({"å": "z\x01", "ä": "z\x02", "ö": "z\x03"})

# Why a change of role was refused; the page has a sentence for each.
NOT_GRANTABLE = "not_grantable"
LAST_TRAINING = "last_training"


@dataclass(frozen=True)
class Line:
    """A member, the role in force, and the grants behind it that have not been revoked."""

    member: Member
    role: Role
    grants: Sequence[Grant]


def by_name(member: Member) -> str:
    """The sort key of a member among others: her name as people file it."""
    return member.person.display_name.casefold().translate(_AFTER_Z)


def complete(member: Member, person: Person, cohort: Cohort) -> Member:
    """Fills in the person and the cohort that were loaded beside a member, so that plugins can read them from her."""
    set_committed_value(member, "person", person)
    set_committed_value(member, "cohort", cohort)
    return member


def everyone(cohort: Cohort) -> list[Line]:
    """Returns every member of the cohort by name, those who left included. Two statements, however many there are."""
    query = (
        sa.select(Member)
        .join(Member.person)
        .options(contains_eager(Member.person))
        .where(Member.cohort_id == cohort.id)
    )
    members = [complete(member, member.person, cohort) for member in current().session.scalars(query)]
    grants = _grants(cohort)
    lines = [_line(member, grants.get(member.person_id, ())) for member in members]
    return sorted(lines, key=lambda line: by_name(line.member))


def managers(cohort: Cohort) -> list[Member]:
    """Returns the cohort's managers by the role in force: active ones, and no test users of the platform."""
    return [
        line.member
        for line in everyone(cohort)
        if line.role is Role.MANAGER and line.member.active and not line.member.person.is_test
    ]


def listed(cohort: Cohort) -> list[Member]:
    """Returns the managers as `managers` does, by a way that does for a thousand of them.

    The members and their persons are whole, but none of the session's: they are to be read, and changed by nobody.
    """
    lines = _LISTED.lines(current().connection, {"cohort_id": cohort.id})
    grants, found = _grants(cohort), []
    for row in lines.rows():
        member = _as_loaded(Member, row[:_MEMBERS])
        role = member.role
        if grants and (given := grants.get(member.person_id)):
            role = effective_role(role, [grant.role for grant in given])
        if role is Role.MANAGER:
            member.__dict__ |= {"person": _as_loaded(Person, row[_MEMBERS:]), "cohort": cohort}
            found.append(member)
    return sorted(found, key=by_name)


_COLUMNS: Mapping[Any, list[str]] = {
    kind: [attribute.key for attribute in class_mapper(kind).column_attrs] for kind in (Member, Person)
}
_MEMBERS = len(_COLUMNS[Member])
_LISTED = Prepared(
    lambda _dialect: (
        sa.select(*(
            getattr(kind, name).label(f"{kind.__tablename__}_{name}") for kind, names in _COLUMNS.items() for name in names
        ))
        .join(Person, Person.id == Member.person_id)
        .where(Member.cohort_id == sa.bindparam("cohort_id"), Member.active, Person.is_test.is_(False))
    )
)  # fmt: skip


def _as_loaded(kind: type[T], values: Sequence[Any]) -> T:
    """Returns a row as the object it is, without what a session keeps of each, which costs ten times the row."""
    made = kind.__new__(kind)
    made.__dict__.update(zip(_COLUMNS[kind], values, strict=True))
    return made


def find(cohort: Cohort, member_id: uuid.UUID) -> Line:
    """Returns one member of this cohort. Raises NotFound for anybody else."""
    row = (
        current()
        .session.execute(
            sa.select(Member, Person)
            .join(Person, Person.id == Member.person_id)
            .where(Member.id == member_id, Member.cohort_id == cohort.id)
        )
        .one_or_none()
    )
    if row is None:
        raise NotFound("no_member")
    member = complete(row[0], row[1], cohort)
    return _line(member, _grants(cohort, member.person_id).get(member.person_id, ()))


def give(cohort: Cohort, member_id: uuid.UUID, role: Role, actor: Actor) -> Line:
    """Gives a member a role: training in the whole organisation, coach and manager in this cohort.

    Giving what she has already changes nothing. Raises NotFound for a member of another cohort, Invalid for a role that
    cannot be given.
    """
    line = find(cohort, member_id)
    _check_grantable(role)
    if role in (grant.role for grant in line.grants):
        return line
    current().session.add(Grant(
        organisation_id=cohort.organisation_id, cohort_id=None if role is Role.TRAINING else cohort.id,
        person_id=line.member.person_id, role=role, granted_by=actor.person_id, granted_at=current().now(),
    ))  # fmt: skip
    current().session.flush()
    audit.append(actor, "role.give", reason=role.value, object_type="member", object_ref=str(member_id))
    return find(cohort, member_id)


def revoke(cohort: Cohort, member_id: uuid.UUID, role: Role, actor: Actor) -> Line:
    """Takes a given role back; what the platform says of her is in force again.

    Taking back what she does not have changes nothing. Raises NotFound for a member of another cohort, Invalid for the
    organisation's last training role: somebody must be left who can give it.
    """
    line = find(cohort, member_id)
    _check_grantable(role)
    if role is Role.TRAINING:
        _check_not_last(cohort, line.member.person_id)
    taken = [grant for grant in line.grants if grant.role is role]
    for grant in taken:
        grant.revoked_at = current().now()
    current().session.flush()
    if taken:
        audit.append(actor, "role.revoke", reason=role.value, object_type="member", object_ref=str(member_id))
    return find(cohort, member_id)


def manager_counts(organisation_id: uuid.UUID) -> Mapping[uuid.UUID, int]:
    """Returns how many managers each of the organisation's cohorts has, by cohort id. Two statements."""
    session = current().session
    given = defaultdict(list)
    grants = sa.select(Grant.person_id, Grant.cohort_id, Grant.role).where(
        Grant.organisation_id == organisation_id, Grant.revoked_at.is_(None)
    )
    for row in session.execute(grants):
        given[row.person_id].append(row)
    members = (
        sa.select(Member.cohort_id, Member.person_id, Member.role)
        .join(Cohort, Cohort.id == Member.cohort_id)
        .join(Person, Person.id == Member.person_id)
        .where(Cohort.organisation_id == organisation_id, Member.active, Person.is_test.is_(False))
    )
    counts: dict[uuid.UUID, int] = defaultdict(int)
    for row in session.execute(members):
        here = [grant.role for grant in given[row.person_id] if grant.cohort_id in (None, row.cohort_id)]
        counts[row.cohort_id] += effective_role(row.role, here) is Role.MANAGER
    return counts


def role_in_force(
    organisation_id: uuid.UUID | None, cohort_id: uuid.UUID | None, person_id: uuid.UUID | None, said: Role
) -> Role:
    """Returns the role of a person in a cohort, or outside any, whom the platform's launch gives the role `said`."""
    query = sa.select(Grant.role).where(
        Grant.person_id == person_id, Grant.organisation_id == organisation_id, Grant.revoked_at.is_(None),
        sa.or_(Grant.cohort_id.is_(None), Grant.cohort_id == cohort_id),
    )  # fmt: skip
    return effective_role(said, list(current().session.scalars(query)))


def names(person_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Returns what to call these persons, in one statement."""
    query = sa.select(Person).where(Person.id.in_(set(person_ids)))
    return {person.id: person.display_name for person in current().session.scalars(query)}


def _line(member: Member, grants: Sequence[Grant]) -> Line:
    return Line(member, effective_role(member.role, [grant.role for grant in grants]), grants)


def _grants(cohort: Cohort, person_id: uuid.UUID | None = None) -> Mapping[uuid.UUID, list[Grant]]:
    query = sa.select(Grant).where(
        Grant.organisation_id == cohort.organisation_id,
        Grant.revoked_at.is_(None),
        sa.or_(Grant.cohort_id == cohort.id, Grant.cohort_id.is_(None)),
    )
    if person_id is not None:
        query = query.where(Grant.person_id == person_id)
    found: dict[uuid.UUID, list[Grant]] = defaultdict(list)
    for grant in current().session.scalars(query.order_by(Grant.granted_at)):
        found[grant.person_id].append(grant)
    return found


def _check_grantable(role: Role) -> None:
    if role not in GRANTABLE:
        raise Invalid(role=NOT_GRANTABLE)


def _check_not_last(cohort: Cohort, person_id: uuid.UUID) -> None:
    # The rows are locked, so that two who take each other's role back at once do not leave nobody.
    query = sa.select(Grant.person_id).where(
        Grant.organisation_id == cohort.organisation_id,
        Grant.role == Role.TRAINING,
        Grant.revoked_at.is_(None),
    )
    holders = set(current().session.scalars(query.order_by(Grant.id).with_for_update()))
    if holders == {person_id}:
        raise Invalid(role=LAST_TRAINING)
