"""What one can do with coaching. No Flask; nothing here commits. Everything passes through `scope`."""

from plugins.handledning.operations.agreement import AgreementPage, OwnLine, accept_agreement, agreement, write_lines
from plugins.handledning.operations.before import (
    EGO_JOBS,
    OpennessDraft,
    answer_readiness,
    answer_value,
    ego_checks,
    openness,
    readiness_checks,
    value_checks,
    write_ego_check,
    write_openness,
    zone_of,
)
from plugins.handledning.operations.closing import NotYet, close_session, facts
from plugins.handledning.operations.coach_list import CoachRow, coach_rows
from plugins.handledning.operations.coaches import (
    ListedCoach,
    ProfileDraft,
    coach_list,
    coaches,
    curate,
    drafted_profile,
    own_profile,
    proposals,
    propose_coach,
    proposed_coach,
    save_profile,
)
from plugins.handledning.operations.contract import (
    ContractDraft,
    ContractPage,
    Incomplete,
    ItemDraft,
    accept_contract,
    contract,
    drafted,
    set_progress,
    write_contract,
)
from plugins.handledning.operations.engagements import (
    Step,
    accept_manager,
    carry_map,
    choose_coach,
    coach_has_left,
    end,
    leave,
    pause,
    resume,
    set_phase,
)
from plugins.handledning.operations.maps import (
    MapPage,
    OperationsDraft,
    Part,
    QuestionDraft,
    RelationDraft,
    RoleDraft,
    RowDraft,
    map_of,
    share_part,
    write_rows,
    write_situation,
)
from plugins.handledning.operations.overview import Overview, Standing, open_homework, overview, standings
from plugins.handledning.operations.planning import plan_session
from plugins.handledning.operations.reading import readable, visible
from plugins.handledning.operations.scope import (
    Access,
    Party,
    Seat,
    check_version,
    former,
    open_engagement,
    reach,
    reach_row,
    rows,
)
from plugins.handledning.operations.sessions import (
    MINUTES_MAX,
    Draft,
    HomeworkDraft,
    Meeting,
    OutcomeDraft,
    add_homework,
    save_frame,
    save_session,
    set_homework,
    set_homework_outcome,
    write_decision,
)
from plugins.handledning.operations.sheet import Sheet, sheet
from plugins.handledning.operations.steps import met, settle, waits_for_manager
from plugins.handledning.operations.told import ToldLine, ToldPage, told, told_by_name

__all__ = [
    "EGO_JOBS", "MINUTES_MAX", "Access", "AgreementPage", "CoachRow", "ContractDraft", "ContractPage", "Draft",
    "HomeworkDraft", "Incomplete", "ItemDraft", "ListedCoach", "MapPage", "Meeting", "NotYet", "OpennessDraft",
    "OperationsDraft", "OutcomeDraft", "Overview", "OwnLine", "Part", "Party", "ProfileDraft", "QuestionDraft",
    "RelationDraft", "RoleDraft", "RowDraft", "Seat", "Sheet", "Standing", "Step", "ToldLine", "ToldPage",
    "accept_agreement", "accept_contract", "accept_manager", "add_homework", "agreement", "answer_readiness",
    "answer_value", "carry_map", "check_version", "choose_coach", "close_session", "coach_has_left", "coach_list",
    "coach_rows", "coaches", "contract", "curate", "drafted", "drafted_profile", "ego_checks", "end", "facts", "former",
    "leave", "map_of", "met", "open_engagement", "open_homework", "openness", "overview",
    "own_profile", "pause", "plan_session", "proposals", "propose_coach", "proposed_coach", "reach",
    "reach_row", "readable", "readiness_checks", "resume", "rows", "save_frame", "save_profile", "save_session",
    "set_homework", "set_homework_outcome", "set_phase", "set_progress", "settle", "share_part", "sheet",
    "standings", "told", "told_by_name",
    "value_checks", "visible", "waits_for_manager", "write_contract", "write_decision", "write_ego_check",
    "write_lines", "write_openness", "write_rows", "write_situation", "zone_of",
]  # fmt: skip
