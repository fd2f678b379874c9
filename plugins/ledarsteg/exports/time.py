"""A manager's own file of her time audit."""

from collections.abc import Iterator, Sequence
from datetime import date

import sqlalchemy as sa

from plugins.ledarsteg import calculations
from plugins.ledarsteg.calculations import DAY_MINUTES, Category, Spent
from plugins.ledarsteg.models import TimeAudit, TimeRow
from plugins.ledarsteg.operations.rounds import CATEGORY_TITLES
from service.contract import Export, ExportScope, Role, Sheet, lazy, session
from service.contract import gettext as _

Row = Sequence[str | int | float | date | None]


def time_audit() -> Export:
    """Returns the declaration of the file with a manager's own time audit."""
    return Export(
        key="time_audit",
        file="tidsrevision",
        title=lazy("Time audit"),
        contains=lazy(
            "What you noted of your time: day, when it began, minutes, what it went to, and whether it stands up to "
            "a challenge. In Excel your shares are on a second sheet."
        ),
        readers=lazy("Only you."),
        roles=frozenset({Role.MANAGER}),
        headers=_time_headers,
        count=_time_count,
        rows=_time_rows,
        kinds=lambda _scope: ("date", "text", "minutes", "text", "text"),
        sheets=lambda scope: [
            Sheet(
                _("Shares"), [_("Time to"), _("Minutes"), _("Share of all")], lambda: _share_rows(scope),
                ("text", "minutes", "share"),
            )
        ],
    )  # fmt: skip


def _time_headers(_scope: ExportScope) -> Sequence[str]:
    return [_("Day"), _("Began"), _("Minutes"), _("Time to"), _("Stands up to a challenge")]


def _own_time(scope: ExportScope) -> sa.Select[TimeRow]:
    """Returns the rows of the person who asks for the file, of this cohort and nobody else's."""
    return (
        sa.select(TimeRow)
        .join(TimeAudit, TimeAudit.id == TimeRow.audit_id)
        .where(TimeAudit.cohort_id == scope.cohort_id, TimeAudit.person_id == scope.person_id)
    )


def _time_count(scope: ExportScope) -> int:
    return session().scalar(sa.select(sa.func.count()).select_from(_own_time(scope).subquery())) or 0


def _clock(minute: int | None) -> str | None:
    """Writes a time of day as ISO 8601 does, whatever the language: the file may be read by a program."""
    return None if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"


def _time_rows(scope: ExportScope) -> Iterator[Row]:
    order = (TimeRow.local_date, sa.func.coalesce(TimeRow.starts_at, DAY_MINUTES), TimeRow.created_at, TimeRow.id)
    for row in session().scalars(_own_time(scope).order_by(*order)):
        yield [
            row.local_date, _clock(row.starts_at), row.minutes, str(CATEGORY_TITLES[row.category]),
            _("No") if row.challengeable else _("Yes"),
        ]  # fmt: skip


def _share_rows(scope: ExportScope) -> Iterator[Row]:
    """Yields what each category took of everything that was noted, the largest first, and what may be challenged."""
    rows = session().scalars(_own_time(scope)).all()
    minutes: dict[Category, int] = {}
    for row in rows:
        minutes[row.category] = minutes.get(row.category, 0) + row.minutes
    spent = [Spent(row.category, row.minutes, row.challengeable) for row in rows]
    share = calculations.shares(spent)
    for category in sorted(minutes, key=lambda one: (-minutes[one], one.value)):
        yield [str(CATEGORY_TITLES[category]), minutes[category], share[category]]
    yield [
        _("May not stand up to a challenge"), sum(row.minutes for row in rows if row.challengeable),
        calculations.challengeable_share(spent),
    ]  # fmt: skip
