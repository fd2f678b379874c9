"""All that a plugin may import. See README.md beside this file for one example per hook."""

from flask_babel import gettext, lazy_gettext, ngettext

from service.access import Permission, Role, requires
from service.audit import Actor, Outcome
from service.audit import append as audit
from service.clock import local_date
from service.cohorts.completion import progress_changed
from service.cohorts.current import InCohort, current_launch
from service.cohorts.models import Cohort, Member, Person
from service.cohorts.plugin_settings import save_settings
from service.cohorts.proposals import propose
from service.cohorts.suppression import publishable
from service.cohorts.terms import Term, Terms, term_of, terms_of
from service.cohorts.zones import zone_of
from service.confidential import ConfidentialText
from service.contract.hooks import hook
from service.contract.manifest import Command, Feed, JobKind, Manifest, NavItem, Periodic, Retention, SettingWords
from service.contract.people import members_as
from service.contract.records import (
    Adopted,
    Card,
    ContentItem,
    DemoCast,
    Document,
    Erased,
    Export,
    ExportScope,
    LeftOut,
    PersonalData,
    Place,
    PluginSettings,
    Progress,
    Proposal,
    Rows,
    Sheet,
    TimelineEvent,
)
from service.contract.reports import (
    Amount,
    Attention,
    Cell,
    CohortReport,
    Column,
    Count,
    Filter,
    Later,
    Picture,
    ProgrammeReport,
    Spread,
    TermMark,
)
from service.contract.viewing import audit_view, audit_views, opened
from service.crypto import CannotOpen
from service.db import Base, UtcDateTime, enum_text, pk
from service.errors import Conflict, Denial, Forbidden, Gone, Invalid, NotFound
from service.formats import day, day_and_time, minutes, share, short_day
from service.guests.passes import (
    GuestVisit,
    current_guest,
    forget_passes,
    guest_address,
    issue_pass,
    issue_passes,
    revoke_pass,
)
from service.history import leave_no_history
from service.jobs.plugins import Work, decide_job, reading_unit, writing_unit
from service.mail.notices import Notice, notify
from service.markdown import render as markdown
from service.pdf import pdf
from service.prepared import Lines, Prepared
from service.retention.deleting import count_rows, delete_rows
from service.retention.due import Due
from service.retention.rules import kept_days
from service.tokens.tokens import TokenVisit, issue_token, live_tokens, revoke_token
from service.unit import current as unit
from service.unit import insert_into, now, session
from service.web import SERVICE_LOCALES, data_address, page, partial, plugin_url, wants_partial

lazy = lazy_gettext

__all__ = [
    "SERVICE_LOCALES",
    "Actor",
    "Adopted",
    "Amount",
    "Attention",
    "Base",
    "CannotOpen",
    "Card",
    "Cell",
    "Cohort",
    "CohortReport",
    "Column",
    "Command",
    "ConfidentialText",
    "Conflict",
    "ContentItem",
    "Count",
    "DemoCast",
    "Denial",
    "Document",
    "Due",
    "Erased",
    "Export",
    "ExportScope",
    "Feed",
    "Filter",
    "Forbidden",
    "Gone",
    "GuestVisit",
    "InCohort",
    "Invalid",
    "JobKind",
    "Later",
    "LeftOut",
    "Lines",
    "Manifest",
    "Member",
    "NavItem",
    "NotFound",
    "Notice",
    "Outcome",
    "Periodic",
    "Permission",
    "Person",
    "PersonalData",
    "Picture",
    "Place",
    "PluginSettings",
    "Prepared",
    "ProgrammeReport",
    "Progress",
    "Proposal",
    "Retention",
    "Role",
    "Rows",
    "SettingWords",
    "Sheet",
    "Spread",
    "Term",
    "TermMark",
    "Terms",
    "TimelineEvent",
    "TokenVisit",
    "UtcDateTime",
    "Work",
    "audit",
    "audit_view",
    "audit_views",
    "count_rows",
    "current_guest",
    "current_launch",
    "data_address",
    "day",
    "day_and_time",
    "decide_job",
    "delete_rows",
    "enum_text",
    "forget_passes",
    "gettext",
    "guest_address",
    "hook",
    "insert_into",
    "issue_pass",
    "issue_passes",
    "issue_token",
    "kept_days",
    "lazy",
    "lazy_gettext",
    "leave_no_history",
    "live_tokens",
    "local_date",
    "markdown",
    "members_as",
    "minutes",
    "ngettext",
    "notify",
    "now",
    "opened",
    "page",
    "partial",
    "pdf",
    "pk",
    "plugin_url",
    "progress_changed",
    "propose",
    "publishable",
    "reading_unit",
    "requires",
    "revoke_pass",
    "revoke_token",
    "save_settings",
    "session",
    "share",
    "short_day",
    "term_of",
    "terms_of",
    "unit",
    "wants_partial",
    "writing_unit",
    "zone_of",
]
