"""The end of a term: each habit is kept, raised or finished."""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from plugins.ledarsteg.models import Choice, Habit, Status, TermChoice
from plugins.ledarsteg.operations.changing import ChangedMeanwhile
from plugins.ledarsteg.operations.habits import resume, retire
from plugins.ledarsteg.operations.owner import Owner, get, owned
from plugins.ledarsteg.operations.reading import HabitLog, list_habits
from plugins.ledarsteg.operations.rows import upsert, values_of
from service.contract import Invalid, lazy, session


@dataclass(frozen=True)
class Closing:
    """A habit at the end of a term, and what she has decided for it, if anything yet."""

    log: HabitLog
    choice: TermChoice | None

    @property
    def decided(self) -> TermChoice | None:
        """The decision that holds: to finish a habit that has been taken up again since is none any more."""
        active = self.log.habit.status is Status.ACTIVE
        return None if self.choice is None or (active and self.choice.choice is Choice.RETIRE) else self.choice

    @property
    def revision(self) -> int:
        """What a form sends back as seen."""
        return self.choice.revision if self.choice else 0

    @property
    def can_be_undone(self) -> bool:
        """True while the decision can be taken back: finishing a habit only on the same day."""
        return self.log.habit.status is Status.ACTIVE or self.log.habit.retired_on == self.log.today


def closing(owner: Owner) -> list[Closing]:
    """Returns the owner's active habits, and those that were finished by a decision of this kind."""
    query = sa.select(TermChoice).join(Habit, Habit.id == TermChoice.habit_id).where(*owned(owner))
    chosen = {choice.habit_id: choice for choice in session().scalars(query)}
    logs = list_habits(owner)
    return [
        Closing(log, chosen.get(log.habit.id))
        for log in logs
        if log.habit.status is Status.ACTIVE or log.habit.id in chosen
    ]


def choice_of(owner: Owner, habit_id: uuid.UUID) -> TermChoice | None:
    """Returns what was decided for a habit. Raises NotFound as `get` does."""
    get(owner, habit_id)
    query = sa.select(TermChoice).where(TermChoice.habit_id == habit_id)
    return session().scalar(query.execution_options(populate_existing=True))


def decide(owner: Owner, habit_id: uuid.UUID, choice: Choice, why: str, seen: int) -> None:
    """Decides what becomes of a habit, and finishes it where that is the decision. Decided twice alike is once.

    `seen` is the revision that the form showed, 0 for none. Raises ChangedMeanwhile when something else was decided
    since, Invalid for a habit that is finished already, and NotFound as `get` does.
    """
    habit = get(owner, habit_id, lock=True)
    row = TermChoice(
        id=uuid.uuid5(habit_id, "term"), habit_id=habit_id, person_id=owner.person_id, choice=choice, why=why,
        decided_on=owner.today(),
    )  # fmt: skip
    stands = choice_of(owner, habit_id)
    same = stands is not None and (stands.choice, stands.why) == (choice, why)
    if same and (habit.status is not Status.ACTIVE or choice is not Choice.RETIRE):
        return
    if habit.status is not Status.ACTIVE:
        raise Invalid(choice=lazy("This habit is finished, so there is nothing to decide for it."))
    values = values_of(row)
    changing = {name: values[name] for name in ("choice", "why_sealed", "decided_on")}
    if upsert(row, changing, keys=["habit_id"], seen=seen) is None:
        raise ChangedMeanwhile
    if choice is Choice.RETIRE:
        retire(owner, habit_id)


def undo_decision(owner: Owner, habit_id: uuid.UUID) -> None:
    """Takes a decision back; a habit that it finished goes on. Nothing decided is nothing to do.

    Raises Invalid when the habit was finished on an earlier day, and NotFound as `get` does.
    """
    stands = choice_of(owner, habit_id)
    if stands is None:
        return
    if stands.choice is Choice.RETIRE:
        resume(owner, habit_id)
    session().delete(stands)
    session().flush()
