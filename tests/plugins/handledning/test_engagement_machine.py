"""Every order of steps: whatever the two do, an engagement is never in a state that it may not be in.

Hypothesis takes the steps on the real operations and database; a model of the rules, written here once more and otherwise,
says after each where everything has to be.
"""

import uuid
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from plugins.handledning import operations
from plugins.handledning.calculations import EndReason, Status
from plugins.handledning.models import (
    CancelReason,
    CoachingSession,
    Engagement,
    Ethics,
    Openness,
    Outcome,
    State,
    Whose,
)
from plugins.handledning.operations import Access, OutcomeDraft, OwnLine, Party, ProfileDraft
from plugins.handledning.operations.closing import reopen_session
from plugins.handledning.operations.ending import NotFinished, OutcomesDraft, finish, write_outcomes
from plugins.handledning.operations.planning import cancel_session
from service.access import Role
from service.errors import Conflict, Forbidden, Invalid, NotFound
from tests.plugins.handledning.support import START, contract_draft, full
from tests.support import World

# Small in every run; turned up by hand for a campaign.
EXAMPLES, STEPS = 8, 25
SEATS = st.sampled_from(["manager", "coach"])


@dataclass
class Paper:
    """One of the two papers as the rules have it."""

    version: int = 1
    complete: bool = True
    accepted: set[str] = field(default_factory=set)
    in_force: int = 0

    def accept(self, seat: str) -> None:
        self.accepted.add(seat)
        if self.accepted == {"manager", "coach"}:
            self.in_force = self.version

    def change(self) -> None:
        self.version, self.accepted = self.version + 1, set()


@dataclass
class Expected:
    """One engagement as the rules have it."""

    id: uuid.UUID
    coach: str
    ready: bool = False
    yes: bool = False
    agreement: Paper = field(default_factory=Paper)
    contract: Paper = field(default_factory=lambda: Paper(complete=False))
    status: str = "draft"
    ever_active: bool = False
    closed_sessions: int = 0
    held_sessions: int = 0

    def settle(self, ethics: set[str]) -> None:
        """Before it is active, where it is follows from what is in place; after that only steps move it."""
        if self.status not in ("draft", "ready"):
            return
        willing = self.ready and self.yes and self.coach in ethics
        agreed = bool(self.agreement.in_force and self.contract.in_force)
        self.status = "active" if willing and agreed else "ready" if willing else "draft"
        self.ever_active = self.ever_active or self.status == "active"


class Engagements(RuleBasedStateMachine):
    """One manager, two coaches, any order of steps."""

    world: World
    # How often all of it was in place: a machine that never got there would have shown nothing.
    reached = 0

    @initialize()
    def begin(self) -> None:
        self.course = self.world.course()
        member = self.world.member(self.course, Role.MANAGER, f"Manager {uuid.uuid4().hex[:4]}")
        self.manager = Party.of(self.course.cohort, member.person_id, Role.MANAGER)
        coaches = {name: self.world.member(self.course, Role.COACH, f"Coach {name}") for name in "ab"}
        self.coaches = {name: Party.of(self.course.cohort, one.person_id, Role.COACH) for name, one in coaches.items()}
        self.ethics: set[str] = set()
        self.now: Expected | None = None
        self.over: list[Expected] = []

    def access(self, seat: str) -> Access:
        assert self.now is not None
        who = self.manager if seat == "manager" else self.coaches[self.now.coach]
        return operations.reach(who, self.now.id, lock=True)

    def writing(self) -> "sa.util.typing.Any":
        return self.world.core.units.writing()

    @rule(coach=st.sampled_from("ab"))
    def choose(self, coach: str) -> None:
        with self.writing():
            its = operations.choose_coach(self.manager, self.coaches[coach].person_id)
        if self.now is not None and self.now.coach == coach:
            assert its.id == self.now.id
            return
        if self.now is not None:
            self.stop()
        self.now = Expected(its.id, coach)
        self.now.settle(self.ethics)

    def stop(self) -> None:
        assert self.now is not None
        self.now.status = "closed"
        self.over.append(self.now)
        self.now = None

    @precondition(lambda self: self.now)
    @rule(answers=st.tuples(*[st.integers(1, 5)] * 3))
    def answer_readiness(self, answers: tuple[int, int, int]) -> None:
        assert self.now is not None
        with self.writing():
            operations.answer_readiness(self.access("manager"), answers)
        self.now.ready = min(answers) >= 3
        self.now.settle(self.ethics)

    @precondition(lambda self: self.now)
    @rule()
    def say_yes(self) -> None:
        assert self.now is not None
        with self.writing():
            operations.accept_manager(self.access("coach"))
        self.now.yes = True
        self.now.settle(self.ethics)

    @rule(coach=st.sampled_from("ab"), has=st.booleans())
    def set_ethics(self, coach: str, has: bool) -> None:
        draft = ProfileDraft(ethics=Ethics.EMCC, ethics_on=date(2026, 1, 1)) if has else ProfileDraft()
        with self.writing():
            there = operations.own_profile(self.coaches[coach])
            operations.save_profile(self.coaches[coach], there.version if there else 0, draft)
        (self.ethics.add if has else self.ethics.discard)(coach)
        if self.now is not None and self.now.coach == coach:
            self.now.settle(self.ethics)

    @precondition(lambda self: self.now)
    @rule(seat=SEATS, old=st.booleans())
    def accept_agreement(self, seat: str, old: bool) -> None:
        assert self.now is not None
        paper = self.now.agreement
        try:
            with self.writing():
                operations.accept_agreement(self.access(seat), paper.version - old)
        except Conflict:
            assert old
            return
        assert not old
        paper.accept(seat)
        self.now.settle(self.ethics)

    @precondition(lambda self: self.now)
    @rule(seat=SEATS, text=st.sampled_from(["On time", "In writing"]))
    def change_agreement(self, seat: str, text: str) -> None:
        assert self.now is not None
        with self.writing():
            access = self.access(seat)
            page = operations.agreement(access)
            same = [line.text for line in page.lines] == [text]
            operations.write_lines(access, page.newest.version, [OwnLine(Whose.COACH, text)])
        if not same:
            self.now.agreement.change()

    @precondition(lambda self: self.now)
    @rule(seat=SEATS, complete=st.booleans())
    def change_contract(self, seat: str, complete: bool) -> None:
        assert self.now is not None
        draft = contract_draft()
        if not complete:
            draft = replace(draft, items=draft.items[:-2])
        with self.writing():
            access = self.access(seat)
            newest = operations.contract(access).newest
            operations.write_contract(access, newest.number, newest.version, draft)
        if self.now.contract.accepted:
            self.now.contract.change()
        self.now.contract.complete = complete

    @precondition(lambda self: self.now)
    @rule(seat=SEATS, old=st.booleans())
    def accept_contract(self, seat: str, old: bool) -> None:
        assert self.now is not None
        paper = self.now.contract
        try:
            with self.writing():
                access = self.access(seat)
                newest = operations.contract(access).newest
                operations.accept_contract(access, newest.number - old, newest.version)
        except Conflict:
            assert old
            return
        except Invalid:
            assert not paper.complete
            assert not old
            return
        assert not old
        assert paper.complete or seat in paper.accepted
        paper.accept(seat)
        self.now.settle(self.ethics)

    @precondition(lambda self: self.now)
    @rule()
    def do_all_that_is_asked_for(self) -> None:
        """The way that people mean to go, so that what lies behind it is reached often."""
        assert self.now is not None
        self.answer_readiness((5, 4, 3))
        self.say_yes()
        self.set_ethics(self.now.coach, has=True)
        if not self.now.contract.complete:
            self.change_contract("coach", complete=True)
        for seat in ("manager", "coach"):
            self.accept_agreement(seat, old=False)
            self.accept_contract(seat, old=False)
        if self.now.status == "active":
            type(self).reached += 1

    @precondition(lambda self: self.now)
    @rule(seat=SEATS, going_on=st.booleans())
    def pause_or_go_on(self, seat: str, going_on: bool) -> None:
        assert self.now is not None
        there, reached = ("paused", "active") if going_on else ("active", "paused")
        try:
            with self.writing():
                (operations.resume if going_on else operations.pause)(self.access(seat))
        except Forbidden:
            assert seat == "coach"
        except Conflict:
            assert seat == "manager"
            assert self.now.status != there
        else:
            assert (seat, self.now.status) == ("manager", there)
            self.now.status = reached

    @precondition(lambda self: self.now)
    @rule(seat=SEATS)
    def end(self, seat: str) -> None:
        with self.writing():
            if seat == "coach":
                operations.leave(self.access("coach"))
            else:
                operations.end(self.access("manager"), EndReason.FINISHED)
        self.stop()

    @precondition(lambda self: self.now)
    @rule(seat=SEATS)
    def hold_a_session(self, seat: str) -> None:
        """Books one, writes everything a session needs, and closes it: which only an active engagement lets."""
        assert self.now is not None
        start = START + timedelta(days=self.now.closed_sessions)
        try:
            with self.writing():
                party = self.access(seat).party
                planned = operations.plan_session(party, self.now.id, full().meeting)
                sheet = operations.sheet(self.manager, planned.id)
                outcomes = [OutcomeDraft(one.id, Outcome.DONE) for one in sheet.follow_up]
                operations.save_session(self.manager, planned.id, 1, full(start=start, outcomes=outcomes))
                operations.close_session(party, planned.id)
        except Forbidden:
            assert seat == "coach"
        except Conflict:
            assert self.now.status == "paused"
        except Invalid:
            assert self.now.status in ("draft", "ready")
        else:
            assert (seat, self.now.status) == ("manager", "active")
            self.now.closed_sessions += 1

    @precondition(lambda self: self.now and self.now.closed_sessions)
    @rule(seat=SEATS, again=st.booleans())
    def open_a_session_again(self, seat: str, again: bool) -> None:
        """The newest that was closed, and closed once more or left as held."""
        assert self.now is not None
        try:
            with self.writing() as unit:
                access = self.access(seat)
                newest = sa.select(CoachingSession.id).where(
                    CoachingSession.engagement_id == self.now.id, CoachingSession.state == State.CLOSED
                )
                found = unit.session.scalars(newest.order_by(CoachingSession.closed_at.desc())).all()
                for older in found[1:2]:  # one whose homework a later session has followed up stays closed
                    try:
                        reopen_session(access.party, older)
                    except (Conflict, Forbidden):
                        continue
                    raise AssertionError("an older session was opened again")
                reopen_session(access.party, found[0])
                if again:
                    operations.close_session(access.party, found[0])
        except Forbidden:
            assert seat == "coach"
        except Conflict:
            assert self.now.status == "paused"
        else:
            assert (seat, self.now.status) == ("manager", "active")
            self.now.closed_sessions -= not again
            self.now.held_sessions += not again

    @precondition(lambda self: self.now)
    @rule(seat=SEATS)
    def book_and_cancel(self, seat: str) -> None:
        """Either of the two may, and it counts as no session."""
        assert self.now is not None
        try:
            with self.writing():
                party = self.access(seat).party
                planned = operations.plan_session(party, self.now.id, full().meeting)
                cancel_session(party, planned.id, planned.version, CancelReason.NOT_NEEDED)
        except Conflict:
            assert self.now.status == "paused"
        else:
            assert self.now.status != "paused"

    @precondition(lambda self: self.now)
    @rule(seat=SEATS, written=st.booleans())
    def close_the_term(self, seat: str, written: bool) -> None:
        """By the manager alone, with three outcomes written and no session left as held."""
        assert self.now is not None
        try:
            with self.writing():
                access = self.access(seat)
                if written:
                    write_outcomes(access, 0, OutcomesDraft("Mine", "The group's", "The operations'"))
                finish(access)
        except Forbidden:
            assert seat == "coach"
        except NotFinished:
            assert not written or self.now.held_sessions
        else:
            assert (seat, written, self.now.held_sessions) == ("manager", True, 0)
            self.stop()

    @precondition(lambda self: self.over)
    @rule()
    def write_in_what_is_over(self) -> None:
        try:
            with self.writing():
                operations.write_openness(
                    operations.reach(self.manager, self.over[-1].id, lock=True),
                    0,
                    operations.OpennessDraft(inside="Late"),
                )
        except Conflict:
            return
        raise AssertionError("something was written after the end")

    @invariant()
    def everything_is_where_the_rules_have_it(self) -> None:
        known = [*self.over, *([self.now] if self.now else [])]
        with self.world.core.units.reading() as unit:
            query = sa.select(Engagement).where(Engagement.manager_id == self.manager.person_id)
            there = {one.id: one for one in unit.session.scalars(query)}
            assert {one.id: one.status for one in known} == {key: one.status.value for key, one in there.items()}
            assert sum(one.status is not Status.CLOSED for one in there.values()) <= 1
            for one in known:
                row = there[one.id]
                assert (row.activated_at is not None) is one.ever_active
                assert (row.ended_at is not None) is (row.end_reason is not None) is (one.status == "closed")
                assert self.coach_reaches(one) is (one.status != "closed")
                self.check_papers(one)
                closed = sa.select(sa.func.count()).where(
                    CoachingSession.engagement_id == one.id, CoachingSession.state == State.CLOSED
                )
                assert unit.session.scalar(closed) == one.closed_sessions
                held = sa.select(sa.func.count()).where(
                    CoachingSession.engagement_id == one.id, CoachingSession.state == State.HELD
                )
                assert unit.session.scalar(held) == one.held_sessions
            assert unit.session.scalar(sa.select(sa.func.count()).select_from(Openness)) == 0

    def coach_reaches(self, one: Expected) -> bool:
        others = [party for name, party in self.coaches.items() if name != one.coach]
        for stranger in others:
            try:
                operations.reach(stranger, one.id)
            except NotFound:
                continue
            raise AssertionError("a coach reached another's engagement")
        try:
            operations.reach(self.coaches[one.coach], one.id)
        except NotFound:
            return False
        return True

    def check_papers(self, one: Expected) -> None:
        access = operations.reach(self.manager, one.id)
        agreement, contract = operations.agreement(access), operations.contract(access)
        found = [
            (agreement.newest.version, agreement.in_force.version if agreement.in_force else 0),
            (contract.newest.number, contract.in_force.number if contract.in_force else 0),
        ]
        assert found == [(paper.version, paper.in_force) for paper in (one.agreement, one.contract)]
        assert one.status not in ("active", "paused") or all(force for _version, force in found)


def test_no_order_of_steps_reaches_a_forbidden_state(world: World) -> None:
    machine = type("Here", (Engagements,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
    assert machine.reached >= EXAMPLES / 2  # type: ignore[attr-defined]
