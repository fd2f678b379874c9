"""Everything that is kept about one person, in all cohorts: her own copy of it, and its end."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg.calculations import WEEK
from plugins.ledarsteg.models import (
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
from plugins.ledarsteg.operations.counting import count_days
from service.contract import Person, Rows, lazy, session

# A person may have noted every day for years.
AT_ONCE = 500

# In the order in which they can be deleted.
KINDS: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
    (HabitWeek, ("habit_id", "monday", "done", "partly", "missed", "skipped", "value", "strength", "until")),
    (Entry, ("habit_id", "local_date", "state", "value", "reason", "note", "noted_at")),
    (Pause, ("habit_id", "first_day", "last_day")),
    (Schedule, ("habit_id", "from_date", "per", "weekdays", "target", "direction")),
    (Plan, ("habit_id", "cue", "action", "coping")),
    (DropChoice, ("habit_id", "what", "minutes_per_week", "review_on")),
    (TermChoice, ("habit_id", "choice", "why", "decided_on")),
    (Comment, ("habit_id", "author_id", "text", "written_at")),
    (Nudge, ("habit_id", "from_id", "sent_at", "seen_at")),
    (Reminder, ("habit_id", "minute", "title")),
    (Contribution, (
        "id", "cohort_id", "local_date", "number", "quality", "target", "effects", "sides", "habit_id", "note", "created_at",
    )),
    (Insight, ("id", "cohort_id", "local_date", "kind", "habit_id", "shared", "text", "created_at")),
    (Review, (
        "id", "cohort_id", "monday", "contribution", "being", "being_text", "doing", "doing_text", "sides", "next_week",
        "written_at",
    )),
    (PutAway, ("cohort_id", "offer", "put_away_on")),
    (TimeRow, ("audit_id", "local_date", "starts_at", "minutes", "category", "challengeable", "what", "created_at")),
    (TimeAudit, ("id", "cohort_id", "number", "first_day", "finished_at", "shared")),
    (LeaderTime, ("id", "cohort_id", "local_date", "planned_minutes", "kept_minutes", "created_at")),
    (PolarityReading, ("polarity_id", "monday", "value")),
    (Polarity, ("id", "cohort_id", "builtin", "left", "right", "created_at", "ended_at", "shared")),
    (Mate, ("cohort_id", "mate_id", "asked_at", "accepted_at", "ended_at")),
    (Habit, (
        "id", "cohort_id", "title", "kind", "minutes", "status", "shared", "shared_mate", "starts_on", "retired_on",
        "created_at", "season", "continues_id", "source", "source_ref", "step_id",
    )),
)  # fmt: skip

# What people call each kind, by the name of its table.
KIND_TITLES: Mapping[str, Any] = {
    HabitWeek.__tablename__: lazy("What was noted, week by week"),
    Entry.__tablename__: lazy("What was noted, day by day"),
    Pause.__tablename__: lazy("Pauses"),
    Schedule.__tablename__: lazy("How often habits are planned"),
    Plan.__tablename__: lazy("Plans for what to do when"),
    DropChoice.__tablename__: lazy("What is done less of instead"),
    TermChoice.__tablename__: lazy("What becomes of habits at the end of a term"),
    Comment.__tablename__: lazy("Comments on shared habits"),
    Nudge.__tablename__: lazy("Nudges from a step-mate"),
    Reminder.__tablename__: lazy("Reminders"),
    Contribution.__tablename__: lazy("Leader contributions"),
    Insight.__tablename__: lazy("Insights"),
    Review.__tablename__: lazy("Weekly reviews"),
    PutAway.__tablename__: lazy("Offers that were put away"),
    TimeRow.__tablename__: lazy("Where the time went"),
    TimeAudit.__tablename__: lazy("Time audits"),
    LeaderTime.__tablename__: lazy("Leader time"),
    PolarityReading.__tablename__: lazy("Both-and, week by week"),
    Polarity.__tablename__: lazy("Both-and"),
    Mate.__tablename__: lazy("Step-mates"),
    Habit.__tablename__: lazy("Habits"),
}


def rows_about(person: Person) -> dict[str, Rows]:
    """Returns every row about the person by the name of its table, confidential text opened, read as they are asked for."""
    return {model.__tablename__: _rows(model, names, person) for model, names in reversed(KINDS)}


def _rows(model: type[Any], names: Sequence[str], person: Person) -> Rows:
    def read() -> Iterator[Mapping[str, Any]]:
        query = sa.select(model).where(_about(model, person)).order_by(*sa.inspect(model).primary_key)
        with session().scalars(query.execution_options(yield_per=AT_ONCE)) as found:
            for row in found:
                yield {name: getattr(row, name) for name in names}

    counted = sa.select(sa.func.count()).select_from(model).where(_about(model, person))
    return Rows(lambda: session().scalar(counted) or 0, read)


def erase_person(person: Person) -> dict[str, int]:
    """Deletes every row about the person, and returns how many by the name of the table.

    The days of her cohorts on which she noted something are counted again without her.
    """
    query = (
        sa.select(HabitWeek.cohort_id, sa.func.min(HabitWeek.monday), sa.func.max(HabitWeek.monday))
        .where(HabitWeek.person_id == person.id, HabitWeek.days > 0)
        .group_by(HabitWeek.cohort_id)
        .order_by(HabitWeek.cohort_id)
    )
    touched = session().execute(query).all()
    gone = {model.__tablename__: _delete(model, person) for model, _names in KINDS}
    for cohort_id, first, last in touched:
        count_days(cohort_id, first, last + timedelta(WEEK - 1))
    return gone


def _delete(model: type[Any], person: Person) -> int:
    gone = session().execute(sa.delete(model).where(_about(model, person)).returning(sa.literal(1)))
    return len(gone.all())


# Who else a row is about: the other one of two step-mates, who nudged, who wrote a comment.
_OTHERS = {Mate: Mate.mate_id, Nudge: Nudge.from_id, Comment: Comment.author_id}


def _about(model: type[Any], person: Person) -> sa.ColumnElement[bool]:
    other = _OTHERS.get(model)
    return (
        sa.or_(model.person_id == person.id, other == person.id) if other is not None else model.person_id == person.id
    )
