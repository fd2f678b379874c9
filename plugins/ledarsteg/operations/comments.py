"""One thread for each habit that is shared with the cohort's coaches: the manager and the coaches write in it.

What is written is sealed with the manager's key, whoever wrote it. While the habit is not shared the thread is hers
alone and nothing can be added; shared again, it is there again.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg.models import Comment, Habit
from plugins.ledarsteg.operations.owner import Owner, get
from service.contract import Cohort, Invalid, NotFound, Person, insert_into, lazy, notify, now, session

COMMENT_LENGTH = 1000


@dataclass(frozen=True)
class Line:
    """One line: who wrote it, when, and whether the reader's side has not seen it yet."""

    text: str
    author: str
    mine: bool
    written_at: datetime
    is_new: bool


@dataclass(frozen=True)
class Reader:
    """Who reads or writes: the manager whose habit it is, or one of the cohort's coaches."""

    person_id: uuid.UUID
    is_owner: bool

    def new(self) -> sa.ColumnElement[bool]:
        """What the reader's side has not seen: the other side's lines that nobody of hers has."""
        others = Comment.author_id != Comment.person_id if self.is_owner else Comment.author_id == Comment.person_id
        return sa.and_(others, Comment.seen_at.is_(None))


def lines(habit_ids: Sequence[uuid.UUID], reader: Reader) -> dict[uuid.UUID, list[Line]]:
    """Returns the threads of habits that the caller may show to the reader, oldest line first. One statement."""
    rows = session().execute(
        sa.select(Comment, Person, sa.case((reader.new(), 1), else_=0))
        .join(Person, Person.id == Comment.author_id)
        .where(Comment.habit_id.in_(habit_ids))
        .order_by(Comment.written_at, Comment.id)
    )
    found: defaultdict[uuid.UUID, list[Line]] = defaultdict(list)
    for row, author, is_new in rows:
        mine = row.author_id == reader.person_id
        found[row.habit_id].append(Line(row.text, author.display_name, mine, row.written_at, bool(is_new)))
    return dict(found)


def say(owner: Owner, habit_id: uuid.UUID, text: str, form_id: uuid.UUID) -> None:
    """Adds a line of the manager's to the thread of one of her habits; sent twice it is said once.

    Raises NotFound for a habit that is not hers, Invalid for one that no coach can see.
    """
    habit = get(owner, habit_id)
    if not habit.shared:
        raise Invalid(text=lazy("The habit is not shared with your coach, so nobody would read this. Share it first."))
    _add(habit, owner.person_id, text, form_id)


def say_to(cohort: Cohort, coach_id: uuid.UUID, habit_id: uuid.UUID, text: str, form_id: uuid.UUID) -> Habit:
    """Adds a coach's line to the thread of a shared habit of the cohort; sent twice it is said once.

    Returns the habit. Raises NotFound for any other habit.
    """
    habit = shared_habit(cohort, habit_id)
    _add(habit, coach_id, text, form_id)
    notify(habit.person_id, cohort_id=cohort.id)
    return habit


def shared_habit(cohort: Cohort, habit_id: uuid.UUID) -> Habit:
    """Returns a habit of the cohort that is shared with its coaches. Raises NotFound for any other."""
    query = sa.select(Habit).where(Habit.id == habit_id, Habit.cohort_id == cohort.id, Habit.shared)
    habit = session().scalar(query)
    if habit is None:
        raise NotFound("habit")
    return habit


def _add(habit: Habit, author_id: uuid.UUID, text: str, form_id: uuid.UUID) -> None:
    """Writes a line. Its id follows from habit, author and the form it was written in."""
    if not text:
        raise Invalid(text=lazy("Write something first."))
    if len(text) > COMMENT_LENGTH:
        raise Invalid(
            text=lazy("Write at most %(most)s characters. You wrote %(length)s.", most=COMMENT_LENGTH, length=len(text))
        )
    row = Comment(
        id=uuid.uuid5(habit.id, f"{author_id} {form_id}"), habit_id=habit.id, person_id=habit.person_id,
        author_id=author_id, text_sealed=None, written_at=now(), seen_at=None, text=text,
    )  # fmt: skip
    values: dict[str, Any] = {column.key: getattr(row, column.key) for column in sa.inspect(Comment).columns}
    session().execute(insert_into(Comment).values(values).on_conflict_do_nothing(index_elements=["id"]))
    see(habit.id, Reader(author_id, is_owner=author_id == habit.person_id))


def see(habit_id: uuid.UUID, reader: Reader) -> None:
    """Notes that the reader's side has seen the thread. The caller has made sure that it may."""
    session().execute(
        sa.update(Comment).where(Comment.habit_id == habit_id, reader.new()).values(seen_at=now()),
        execution_options={"synchronize_session": False},
    )


def see_own(owner: Owner, habit_id: uuid.UUID) -> None:
    """Notes that the manager has seen the thread of one of her habits. Raises NotFound for any other."""
    see(get(owner, habit_id).id, Reader(owner.person_id, is_owner=True))


def see_shared(cohort: Cohort, coach_id: uuid.UUID, habit_id: uuid.UUID) -> Habit:
    """Notes that a coach has seen the thread of a shared habit. Returns it; raises NotFound for any other."""
    habit = shared_habit(cohort, habit_id)
    see(habit.id, Reader(coach_id, is_owner=False))
    return habit
