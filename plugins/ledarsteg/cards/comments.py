"""The thread about a shared habit, as either side sees it. `_comments.html` draws it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from plugins.ledarsteg.forms.others import CommentForm
from plugins.ledarsteg.models import Habit
from plugins.ledarsteg.operations import Owner
from plugins.ledarsteg.operations import comments as reading
from plugins.ledarsteg.operations.comments import Line, Reader
from service.contract import gettext as _
from service.contract import plugin_url


@dataclass(frozen=True)
class Thread:
    """What is shown of a thread: its lines, the form to add one (or nothing), and where either is sent."""

    habit_id: UUID
    lines: Sequence[Line]
    form: CommentForm | None
    action: str
    seen_url: str
    who_sees: str
    zone: str

    @property
    def has_new(self) -> bool:
        """True where the reader's side has not seen all of it."""
        return any(line.is_new for line in self.lines)


def of_owner(owner: Owner, habit: Habit, form: CommentForm | None = None) -> Thread | None:
    """Returns the thread of one of the manager's habits; nothing where there is none and none can begin.

    `form` is what she has written, where it was refused.
    """
    lines = reading.lines([habit.id], Reader(owner.person_id, is_owner=True)).get(habit.id, [])
    if not lines and not habit.shared:
        return None
    return Thread(
        habit.id, lines, (form or CommentForm()).named(habit.id) if habit.shared else None,
        plugin_url("ledarsteg.comment", habit_id=habit.id), plugin_url("ledarsteg.comments_seen", habit_id=habit.id),
        str(
            _("You and the coaches of the course.")
            if habit.shared
            else _("Only you, while the habit is not shared. Share it again, and your coach can read this again.")
        ),
        owner.zone,
    )  # fmt: skip


def of_coach(
    member_id: UUID, habits: Sequence[Habit], coach_id: UUID, zone: str, typed: tuple[UUID, CommentForm] | None = None
) -> dict[UUID, Thread]:
    """Returns the threads of shared habits of one manager as a coach sees them. One statement.

    `typed` is what the coach has written about one of them, where it was refused.
    """
    found = reading.lines([habit.id for habit in habits], Reader(coach_id, is_owner=False))
    threads = {}
    for habit in habits:
        where = {"member_id": member_id, "habit_id": habit.id}
        form = typed[1] if typed and typed[0] == habit.id else CommentForm()
        threads[habit.id] = Thread(
            habit.id, found.get(habit.id, []), form.named(habit.id),
            plugin_url("ledarsteg.coach_comment", **where), plugin_url("ledarsteg.coach_seen", **where),
            str(_("The manager and the coaches of the course, while the habit is shared.")), zone,
        )  # fmt: skip
    return threads
