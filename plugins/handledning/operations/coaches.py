"""The coaches of a cohort: how each presents herself, and the list that the training department curates and proposes from."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from plugins.handledning.calculations import OPEN
from plugins.handledning.models import CoachListing, CoachProfile, CoachProposal, Engagement, Ethics
from plugins.handledning.operations.scope import Access, Party, Seat, check_version
from plugins.handledning.operations.steps import settle
from service.contract import Cohort, Member, NotFound, Role, audit, members_as, now, session, unit


@dataclass(frozen=True)
class ProfileDraft:
    """A coach's profile as typed. `ethics` and the day she accepted the code come together."""

    ethics: Ethics | None = None
    ethics_name: str = ""
    ethics_version: str = ""
    ethics_on: date | None = None
    about: str = ""
    way: str = ""


@dataclass(frozen=True)
class ListedCoach:
    """A coach of the cohort with her profile, whether she is on the list, and where on it."""

    member: Member
    profile: CoachProfile | None
    listed: bool
    position: int


def coach_list(party: Party) -> Sequence[ListedCoach]:
    """Returns the cohort's coaches as the training department has ordered them, then by name."""
    members = members_as(party.cohort, Role.COACH)
    ids = [member.person_id for member in members]
    profiles = {
        one.person_id: one for one in session().scalars(sa.select(CoachProfile).where(CoachProfile.person_id.in_(ids)))
    }
    unit().vault.fetch(profiles)
    listings = _listings(party)
    found = [
        ListedCoach(
            member,
            profiles.get(member.person_id),
            listings[member.person_id].listed if member.person_id in listings else True,
            listings[member.person_id].position if member.person_id in listings else 0,
        )
        for member in members
    ]
    return sorted(found, key=lambda one: one.position)


def _listings(party: Party) -> Mapping[uuid.UUID, CoachListing]:
    query = sa.select(CoachListing).where(CoachListing.cohort_id == party.cohort.id)
    return {one.coach_id: one for one in session().scalars(query)}


def coaches(party: Party) -> Sequence[ListedCoach]:
    """Returns whom a manager can choose among: the list, without herself."""
    return [one for one in coach_list(party) if one.listed and one.member.person_id != party.person_id]


def proposed_coach(party: Party) -> uuid.UUID | None:
    """Returns whom the training department proposes to this manager, if anybody. It binds nobody."""
    query = sa.select(CoachProposal.coach_id).where(
        CoachProposal.cohort_id == party.cohort.id, CoachProposal.manager_id == party.person_id
    )
    return session().scalar(query)


def proposals(party: Party) -> Mapping[uuid.UUID, uuid.UUID]:
    """Returns every proposal of the cohort: whom to whom, by the manager's id. The training department's."""
    query = sa.select(CoachProposal.manager_id, CoachProposal.coach_id)
    return {row[0]: row[1] for row in session().execute(query.where(CoachProposal.cohort_id == party.cohort.id))}


def own_profile(party: Party) -> CoachProfile | None:
    """Returns a coach's own profile."""
    return session().scalar(sa.select(CoachProfile).where(CoachProfile.person_id == party.person_id))


def save_profile(party: Party, seen: int, draft: ProfileDraft) -> CoachProfile:
    """Keeps a coach's profile. With a code of ethics set, managers who wait for it come further.

    The same again changes nothing. Raises Conflict when somebody (she, in another window) saved after `seen`.
    """
    there = own_profile(party)
    if there is not None and drafted_profile(there) == draft:
        return there
    check_version(there.version if there else 0, seen)
    row = there or CoachProfile(person_id=party.person_id, version=0)
    session().add(row)
    row.ethics, row.ethics_name, row.ethics_version = draft.ethics, draft.ethics_name, draft.ethics_version
    row.ethics_on, row.about, row.way = draft.ethics_on, draft.about, draft.way
    row.version += 1
    session().flush()
    waiting = sa.select(Engagement).where(Engagement.coach_id == party.person_id, Engagement.status.in_(OPEN))
    for its in session().scalars(waiting.order_by(Engagement.id).with_for_update()):
        # Her profile is hers in every course; what it moves is noted where it moved.
        coach_there = Party.of(session().get_one(Cohort, its.cohort_id), party.person_id, Role.COACH)
        settle(Access(its, coach_there, Seat.COACH))
    return row


def drafted_profile(row: CoachProfile) -> ProfileDraft:
    """Returns a profile as it would be typed."""
    return ProfileDraft(row.ethics, row.ethics_name, row.ethics_version, row.ethics_on, row.about, row.way)


def curate(party: Party, coach_id: uuid.UUID, *, listed: bool, position: int) -> None:
    """Puts a coach on the cohort's list or takes her off it; the training department's. Who chose her keeps her."""
    _check_coach(party, coach_id)
    # Two who curate at once wait for each other here.
    session().execute(
        sa.select(Member.id).where(Member.cohort_id == party.cohort.id, Member.person_id == coach_id).with_for_update()
    )
    row = _listings(party).get(coach_id) or CoachListing(cohort_id=party.cohort.id, coach_id=coach_id)
    session().add(row)
    row.listed, row.position, row.changed_at = listed, position, now()
    session().flush()
    reason = "listed" if listed else "unlisted"
    audit(party.actor, "handledning.curate_coach", reason=reason, object_type="person", object_ref=str(coach_id))


def propose_coach(party: Party, manager_id: uuid.UUID, coach_id: uuid.UUID | None) -> None:
    """Proposes a coach to a manager of the cohort, or takes the proposal back (None). She chooses as she likes."""
    if all(member.person_id != manager_id for member in members_as(party.cohort, Role.MANAGER)):
        raise NotFound("manager")
    mine = sa.and_(CoachProposal.cohort_id == party.cohort.id, CoachProposal.manager_id == manager_id)
    session().execute(sa.delete(CoachProposal).where(mine))
    if coach_id is not None:
        _check_coach(party, coach_id)
        session().add(
            CoachProposal(
                cohort_id=party.cohort.id,
                manager_id=manager_id,
                coach_id=coach_id,
                proposed_by=party.person_id,
                proposed_at=now(),
            )
        )
    session().flush()
    audit(party.actor, "handledning.propose_coach", object_type="person", object_ref=str(manager_id))


def _check_coach(party: Party, coach_id: uuid.UUID) -> None:
    if all(member.person_id != coach_id for member in members_as(party.cohort, Role.COACH)):
        raise NotFound("coach")
