"""A manager's own files: what she noted day by day, and her habits in all."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from plugins.ledarsteg import calculations
from plugins.ledarsteg.calculations import State
from plugins.ledarsteg.cards import contributions, words
from plugins.ledarsteg.exports.texts import text_of
from plugins.ledarsteg.forms import REASONS
from plugins.ledarsteg.forms.contributions import TARGET_TITLES
from plugins.ledarsteg.models import Contribution, Entry, Habit, SkipReason, Status
from plugins.ledarsteg.operations import HabitLog, load
from service.contract import Cohort, Export, ExportScope, Person, Role, Sheet, lazy, local_date, now, session
from service.contract import gettext as _

Row = Sequence[str | int | float | date | None]
STATES = {
    State.DONE: lazy("done"), State.PART: lazy("partly"), State.MISSED: lazy("not done"), State.SKIP: lazy("skipped"),
}  # fmt: skip
DAY_KINDS = ("text", "text", "text", "text", "date", "text", "number", "number", "text", "number", "text", "text")
HABIT_KINDS = ("text", "text", "text", "date", "date", *["number"] * 4, *["text"] * 4, "minutes")
READERS = lazy("Only you, until you give it to somebody. Why you skipped a day is in it.")


def habits_by_day() -> Export:
    """Returns the declaration of the file with a row for each day that was noted."""
    return Export(
        key="days",
        file="vanor",
        title=lazy("Habits, day by day"),
        contains=lazy(
            "Each day that you noted: what, how much, the rating and tags of leader contributions from it, habit strength after"
            " it, your line and why you skipped. In Excel your habits in all are on a second sheet."
        ),
        readers=READERS,
        roles=frozenset({Role.MANAGER}),
        headers=_day_headers,
        count=_day_count,
        rows=_days,
        kinds=lambda _scope: DAY_KINDS,
        sheets=lambda scope: [Sheet(_("Habits in all"), _habit_headers(scope), lambda: _habits(scope), HABIT_KINDS)],
    )


def habits_in_all() -> Export:
    """Returns the declaration of the file with a row for each habit."""
    return Export(
        key="habits",
        file="vanor-i-stort",
        title=lazy("Habits in all"),
        contains=lazy("Each of your habits: how often, done, in a row, strength, your plan and what you chose away."),
        readers=lazy("Only you, until you give it to somebody."),
        roles=frozenset({Role.MANAGER}),
        headers=_habit_headers,
        count=lambda scope: session().scalar(sa.select(sa.func.count()).select_from(_owned(scope).subquery())) or 0,
        rows=_habits,
        kinds=lambda _scope: HABIT_KINDS,
    )


def _owned(scope: ExportScope) -> sa.Select[tuple[object]]:
    query: sa.Select[tuple[object]] = sa.select(Habit.id)
    return query.where(Habit.cohort_id == scope.cohort_id, Habit.person_id == scope.person_id)


def _logs(scope: ExportScope) -> Iterator[HabitLog]:
    """Yields her habits one by one, in the order they were made, so that never more than one is held whole."""
    cohort, person = session().get_one(Cohort, scope.cohort_id), session().get_one(Person, scope.person_id)
    today = local_date(now(), person.zone or cohort.zone)
    for habit_id in session().scalars(_owned(scope).order_by(Habit.created_at, Habit.id)).all():
        yield from load(sa.select(Habit.id).where(Habit.id == habit_id), today)


def _day_headers(_scope: ExportScope) -> Sequence[str]:
    return [
        _("Habit id"), _("Habit"), _("What is noted"), _("How often"), _("Day"), _("Noted"), _("How much"),
        _("Rating"), _("Tags"), _("Habit strength, per cent"), _("Your line"), _("Why skipped"),
    ]  # fmt: skip


def _day_count(scope: ExportScope) -> int:
    query = sa.select(sa.func.count()).select_from(Entry).where(Entry.habit_id.in_(_owned(scope)))
    return session().scalar(query) or 0


def _days(scope: ExportScope) -> Iterator[Row]:
    for log in _logs(scope):
        habit = log.habit
        strength = calculations.strength_by_day(log.log, max([log.last_day, *log.marks]))
        contributed, title = _contributions(habit.id), text_of(scope, habit, "title")
        entries = session().scalars(sa.select(Entry).where(Entry.habit_id == habit.id).order_by(Entry.local_date))
        for entry in entries:
            after = strength[(entry.local_date - habit.starts_on).days]
            reason = _reason(text_of(scope, entry, "reason"))
            yield [
                str(habit.id), title, words.kind_words(habit.kind),
                words.often(habit.kind, log.rhythm_on(entry.local_date)), entry.local_date, str(STATES[entry.state]),
                entry.value, *_quality_and_tags(contributed.get(entry.local_date, ())), round(after * 100),
                text_of(scope, entry, "note") or None, reason,
            ]  # fmt: skip


def _reason(kept: str) -> str | None:
    """Returns why a day was skipped, in words; as it is where it does not open."""
    known = {one.value for one in SkipReason}
    return str(REASONS[SkipReason(kept)]) if kept in known else kept or None


def _contributions(habit_id: UUID) -> Mapping[date, Sequence[Contribution]]:
    """Returns the leader contributions that came from a habit, by day."""
    found: dict[date, list[Contribution]] = {}
    for row in session().scalars(sa.select(Contribution).where(Contribution.habit_id == habit_id)):
        found.setdefault(row.local_date, []).append(row)
    return found


def _quality_and_tags(rows: Sequence[Contribution]) -> tuple[float | None, str | None]:
    """Returns her rating of a day's contributions, their mean where there are several, and what they were."""
    quality, _rated = calculations.mean_quality((row.number, row.quality) for row in rows)
    tags = dict.fromkeys(tag for row in rows for tag in (str(TARGET_TITLES[row.target]), *contributions.tags(row)))
    return None if quality is None else round(quality, 1), ", ".join(tags) or None


def _habit_headers(_scope: ExportScope) -> Sequence[str]:
    return [
        _("Habit id"), _("Habit"), _("How often"), _("Since"), _("Finished"), _("Done, per cent"), _("Longest row"),
        _("In a row now"), _("Habit strength, per cent"), _("If"), _("then I"), _("And if that does not work out"),
        _("What you choose away"), _("Minutes a week"),
    ]  # fmt: skip


def _habits(scope: ExportScope) -> Iterator[Row]:
    for log in _logs(scope):
        habit, plan, drop = log.habit, log.plan, log.drop
        rate = calculations.completion_rate(log.periods)
        yield [
            str(habit.id), text_of(scope, habit, "title"), words.often(habit.kind, log.rhythm), habit.starts_on,
            habit.retired_on if habit.status is not Status.ACTIVE else None,
            None if rate is None else round(rate * 100), calculations.best_streak(log.periods),
            calculations.current_streak(log.periods), round(log.strength * 100),
            *(text_of(scope, plan, name) or None if plan else None for name in ("cue", "action", "coping")),
            *((text_of(scope, drop, "what") or None, drop.minutes_per_week) if drop else (None, None)),
        ]  # fmt: skip
