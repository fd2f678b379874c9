"""Numbers in, numbers out: every rule and formula of the plugin, without a database or a request.

Rules marked [H] in a docstring are the house's own, open to change; the others have a source.
"""

from plugins.handledning.calculations.attention import CONTACT_DAYS, VARIANCE_LOW, Need, Signs, needs, urgency
from plugins.handledning.calculations.balance import BALANCED, Balance, balance
from plugins.handledning.calculations.closing import (
    Earlier,
    Missing,
    MissingKind,
    New,
    SessionFacts,
    what_is_missing,
)
from plugins.handledning.calculations.contract import (
    ContractFacts,
    Fault,
    Lacking,
    Milestone,
    Section,
    what_contract_lacks,
)
from plugins.handledning.calculations.discretion import Discretion, Question, Source, Zone, discretion
from plugins.handledning.calculations.distance import Distance, Progress, Step, distance, risk_score
from plugins.handledning.calculations.engagement import (
    ASKED_FOR,
    OPEN,
    STEPS,
    Asked,
    EndReason,
    Event,
    EventRefused,
    Met,
    Status,
    move,
    outstanding,
    settled,
)
from plugins.handledning.calculations.frame import Frame, FrameCheck, check_frame
from plugins.handledning.calculations.gas import (
    BASELINES,
    LEVELS,
    MOST_GOALS,
    RHO,
    GasChange,
    change,
    distinct,
    faulty,
    t_from_sums,
    t_score,
)
from plugins.handledning.calculations.homework import done_rate
from plugins.handledning.calculations.readiness import ASK_AGAIN_WEEKS, Readiness, ask_again, readiness
from plugins.handledning.calculations.smart import Smart, SmartFacts, smart
from plugins.handledning.calculations.template import Box, time_boxes
from plugins.handledning.calculations.told import DEFAULT_TOLD, Told, Totals, may_tell_total, said, written
from plugins.handledning.calculations.trust import revealed

__all__ = [
    "ASKED_FOR", "ASK_AGAIN_WEEKS", "BALANCED", "BASELINES", "CONTACT_DAYS", "DEFAULT_TOLD", "LEVELS", "MOST_GOALS",
    "OPEN", "RHO", "STEPS", "VARIANCE_LOW", "Asked", "Balance", "Box", "ContractFacts",
    "Discretion", "Distance", "Earlier", "EndReason", "Event", "EventRefused", "Fault", "Frame", "FrameCheck",
    "GasChange", "Lacking", "Met", "Milestone", "Missing", "MissingKind", "Need", "New", "Progress", "Question",
    "Readiness", "Section", "SessionFacts", "Signs", "Smart", "SmartFacts", "Source", "Status","Step",
    "Told", "Totals", "Zone", "ask_again", "balance", "change", "check_frame", "discretion", "distance", "distinct",
    "done_rate",
    "faulty", "may_tell_total", "move", "needs", "outstanding", "readiness", "revealed",
    "risk_score", "said", "settled", "smart", "t_from_sums", "t_score", "time_boxes", "urgency",
    "what_contract_lacks", "what_is_missing", "written",
]  # fmt: skip
