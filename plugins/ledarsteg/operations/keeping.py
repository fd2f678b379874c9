"""How long habits and the rest are kept after a cohort's end, and their deletion then: a habit with all of it, or none."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg.models import (
    CohortDay,
    Comment,
    Contribution,
    DropChoice,
    Entry,
    Habit,
    HabitWeek,
    Insight,
    LeaderTime,
    Mate,
    Nudge,
    Pause,
    Plan,
    Polarity,
    PolarityReading,
    PutAway,
    Reminder,
    Review,
    Schedule,
    TermChoice,
    TimeAudit,
    TimeRow,
)
from plugins.ledarsteg.operations.person import KIND_TITLES
from service.contract import Due, Retention, count_rows, delete_rows, lazy, session

Some = tuple[type[Any], sa.ColumnElement[bool]]
_OF_HABIT: tuple[type[Any], ...] = (
    HabitWeek, Entry, Pause, Schedule, Plan, DropChoice, TermChoice, Comment, Nudge, Reminder,
)  # fmt: skip
# Rows of a cohort that stand by themselves. The days of a cohort count people and name nobody; they go with the habits.
_BESIDE_HABITS: tuple[type[Any], ...] = (Insight, Review, PutAway, Mate, CohortDay)
_BESIDE_TIME: tuple[type[Any], ...] = (LeaderTime, Contribution)
_TREES = ((TimeAudit, TimeRow, TimeRow.audit_id), (Polarity, PolarityReading, PolarityReading.polarity_id))
# A habit of a year has hundreds of rows, a row by itself is one.
ROWS_PER_THING = 100


def _habits(roots: Any) -> Sequence[Some]:
    return [*((model, model.habit_id.in_(roots)) for model in _OF_HABIT), (Habit, Habit.id.in_(roots))]


def _roots(model: type[Any], due: Due) -> sa.Select[Any]:
    return sa.select(model.id).where(model.cohort_id.in_(due.ended()))


def _whose(model: type[Any], due: Due) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(model.person_id, model.cohort_id).where(model.cohort_id.in_(due.ended()))


def count_habits(due: Due) -> Mapping[str, int]:
    """Returns how many rows of habits are due, by table."""
    beside = [(model, model.cohort_id.in_(due.ended())) for model in _BESIDE_HABITS]
    return count_rows([*_habits(_roots(Habit, due)), *beside])


def delete_habits(due: Due, limit: int) -> Mapping[str, int]:
    """Deletes some habits that are due with all that was noted for them; after the last, what stands beside them."""
    some = session().scalars(_roots(Habit, due).limit(limit)).all()
    return delete_rows(_habits(some)) if some else _beside(_BESIDE_HABITS, due, limit)


def count_time(due: Due) -> Mapping[str, int]:
    """Returns how many rows of time audits, leader time, contributions and both-and are due, by table."""
    trees = [part for root, row, key in _TREES for part in _tree(root, row, key, _roots(root, due))]
    return count_rows([*trees, *((model, model.cohort_id.in_(due.ended())) for model in _BESIDE_TIME)])


def delete_time(due: Due, limit: int) -> Mapping[str, int]:
    """Deletes some of them."""
    for root, row, key in _TREES:
        some = session().scalars(_roots(root, due).limit(limit)).all()
        if some:
            return delete_rows(_tree(root, row, key, some))
    return _beside(_BESIDE_TIME, due, limit)


def _tree(root: type[Any], row: type[Any], key: Any, roots: Any) -> Sequence[Some]:
    return [(row, key.in_(roots)), (root, root.id.in_(roots))]


def _beside(models: Sequence[type[Any]], due: Due, limit: int) -> Mapping[str, int]:
    """Deletes some rows of the first of these models that has any."""
    for model in models:
        keys = sa.inspect(model).primary_key
        some = (
            session()
            .execute(sa.select(*keys).where(model.cohort_id.in_(due.ended())).limit(limit * ROWS_PER_THING))
            .all()
        )
        if some:
            return delete_rows([(model, sa.tuple_(*keys).in_([tuple(one) for one in some]))])
    return {}


_COUNTED = lazy("the end of the cohort")
_DAYS, _LEAST, _MOST = 365, 90, 5 * 365
RULES = (
    Retention(
        "habits", lazy("Habits, what was noted for them, insights and weekly reviews"), _DAYS, _COUNTED, _LEAST, _MOST,
        count_habits, delete_habits,
        {**KIND_TITLES, CohortDay.__tablename__: lazy("How many noted something, day by day")},
        whose=lambda due: _whose(Habit, due),
    ),
    Retention(
        "time", lazy("Time audits, leader time, leader contributions and both\N{EN DASH}and"), _DAYS, _COUNTED, _LEAST, _MOST,
        count_time, delete_time, KIND_TITLES, whose=lambda due: _whose(TimeAudit, due),
    ),
)  # fmt: skip
