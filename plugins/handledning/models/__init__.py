"""The tables. Shared text is sealed with the manager's key, private text with its writer's; see `columns`."""

from plugins.handledning.calculations import EndReason, Progress, Source, Status, Zone
from plugins.handledning.models.agreement import (
    Agreement,
    AgreementLine,
    Contract,
    ContractItem,
    ItemKind,
    Whose,
)
from plugins.handledning.models.before import (
    CoachListing,
    CoachProfile,
    CoachProposal,
    EgoCheck,
    Ethics,
    Moment,
    Openness,
    ReadinessCheck,
    ValueCheck,
)
from plugins.handledning.models.closing import (
    Evaluation,
    Figure,
    PlanPage,
    ProgrammeFeedback,
    ProgrammeGroup,
    TermOutcomes,
)
from plugins.handledning.models.engagement import Engagement, Phase
from plugins.handledning.models.goals import (
    Activity,
    ActivityState,
    GasRating,
    GasScale,
    Goal,
    GoalStatus,
    Scope,
    Theme,
    ValueReading,
    ValueType,
)
from plugins.handledning.models.kinds import (
    CancelReason,
    Channel,
    Driver,
    Focus,
    HomeworkKind,
    Mode,
    Outcome,
    Side,
    State,
)
from plugins.handledning.models.maps import (
    DiscretionItem,
    OperationsGoal,
    Relation,
    RoleContent,
    Situation,
)
from plugins.handledning.models.notes import ExternalTest, Note, NoteKind, NoteType, Suggestion, SuggestionKind
from plugins.handledning.models.reviews import Decision as ReviewDecision
from plugins.handledning.models.reviews import Ground, NoteReview
from plugins.handledning.models.sessions import (
    AgendaItem,
    Answer,
    CoachFeedback,
    CoachingSession,
    Contact,
    Decision,
    Homework,
    Question,
    SessionPart,
    SessionText,
    TrustPulse,
)

__all__ = [
    "Activity", "ActivityState", "AgendaItem", "Agreement", "AgreementLine", "Answer", "CancelReason", "Channel",
    "CoachFeedback", "CoachListing", "CoachProfile", "CoachProposal", "CoachingSession", "Contact", "Contract",
    "ContractItem", "Decision", "DiscretionItem", "Driver", "EgoCheck", "EndReason", "Engagement", "Ethics",
    "Evaluation", "ExternalTest", "Figure", "Focus", "GasRating", "GasScale", "Goal", "GoalStatus", "Ground", "Homework",
    "HomeworkKind", "ItemKind", "Mode", "Moment", "Note", "NoteKind", "NoteReview", "NoteType", "Openness", "OperationsGoal",
    "Outcome", "Phase", "PlanPage", "ProgrammeFeedback", "ProgrammeGroup", "Progress", "Question", "ReadinessCheck",
    "Relation", "ReviewDecision", "RoleContent", "Scope", "SessionPart", "SessionText", "Side", "Situation", "Source", "State",
    "Status", "Suggestion", "SuggestionKind", "TermOutcomes", "Theme", "TrustPulse", "ValueCheck", "ValueReading",
    "ValueType", "Whose", "Zone",
]  # fmt: skip
