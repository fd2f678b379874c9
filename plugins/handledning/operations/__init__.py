"""What one can do with coaching: choose a coach, plan, hold and close sessions. No Flask; nothing here commits."""

from plugins.handledning.operations.engagements import choose_coach, coaches, end
from plugins.handledning.operations.overview import Overview, Standing, open_homework, overview, own_managers, standings
from plugins.handledning.operations.scope import Party, Sheet, active_engagement, engagement, sheet
from plugins.handledning.operations.sessions import (
    MINUTES_MAX,
    Draft,
    HomeworkDraft,
    Meeting,
    NotYet,
    OutcomeDraft,
    add_homework,
    close_session,
    facts,
    plan_session,
    save_frame,
    save_session,
    set_homework,
    set_homework_outcome,
    write_decision,
)

__all__ = [
    "MINUTES_MAX",
    "Draft",
    "HomeworkDraft",
    "Meeting",
    "NotYet",
    "OutcomeDraft",
    "Overview",
    "Party",
    "Sheet",
    "Standing",
    "active_engagement",
    "add_homework",
    "choose_coach",
    "close_session",
    "coaches",
    "end",
    "engagement",
    "facts",
    "open_homework",
    "overview",
    "own_managers",
    "plan_session",
    "save_frame",
    "save_session",
    "set_homework",
    "set_homework_outcome",
    "sheet",
    "standings",
    "write_decision",
]
