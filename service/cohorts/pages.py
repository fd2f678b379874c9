"""The core's own pages behind the launch door: a table of contents."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from service.cohorts import (
    changes,
    completion_pages,
    dashboard,
    glossary_pages,
    home,
    looked,
    membership,
    programme,
    settings_pages,
    switchboard,
    terms_pages,
    thread,
    undo_pages,
    visit,
    zone_pages,
)
from service.lti import connection_pages, copies, placing, privacy, review, roster_pages
from service.mail import pages as mail_pages
from service.retention import pages as retention_pages

PAGES: tuple[tuple[str, str, Callable[..., Any], str], ...] = (
    ("GET", "/", home.home, "home"),
    ("GET", "/cohort", dashboard.cohort, "cohort"),
    ("GET", "/programme", programme.programme, "programme"),
    ("GET", "/switches", switchboard.switchboard, "switches"),
    ("POST", "/switches", switchboard.switch_many, "switch_many"),
    ("POST", "/switches/<plugin>", switchboard.switch, "switch"),
    ("POST", "/switches/defaults/<plugin>", switchboard.switch_default, "switch_default"),
    ("POST", "/switches/<uuid:cohort>/<plugin>", switchboard.switch_cohort, "switch_cohort"),
    ("GET", "/settings", settings_pages.overview, "settings"),
    ("GET", "/settings/<plugin>", settings_pages.one, "settings_of"),
    ("POST", "/settings/<plugin>", settings_pages.write, "settings_write"),
    ("GET", "/terms", terms_pages.overview, "terms"),
    ("POST", "/terms", terms_pages.write, "terms_write"),
    ("GET", "/words", glossary_pages.overview, "words"),
    ("POST", "/words", glossary_pages.write, "words_write"),
    ("POST", "/undo/<uuid:change>", undo_pages.undo, "undo"),
    ("GET", "/members", membership.members, "members"),
    ("POST", "/members/<uuid:member>/grant", membership.grant, "grant"),
    ("POST", "/members/<uuid:member>/revoke", membership.revoke, "revoke"),
    ("GET", "/roster", roster_pages.progress, "roster"),
    ("POST", "/roster", roster_pages.ask, "roster_ask"),
    ("GET", "/who", visit.who, "who"),
    ("GET", "/thread", thread.whole, "thread"),
    ("GET", "/audit", looked.looked, "audit"),
    ("GET", "/changes", changes.changes, "changes"),
    ("GET", "/off/<plugin>", visit.off, "off"),
    ("POST", "/window", visit.window, "window"),
    ("POST", "/leave", visit.leave, "leave"),
    ("POST", "/language", visit.change_language, "language"),
    ("GET", "/zone", zone_pages.zone, "zone"),
    ("POST", "/zone", zone_pages.choose, "zone_choose"),
    ("GET", "/mail", mail_pages.own, "mail"),
    ("POST", "/mail", mail_pages.give, "mail_give"),
    ("POST", "/mail/choose", mail_pages.choose, "mail_choose"),
    ("POST", "/mail/remove", mail_pages.remove, "mail_remove"),
    ("POST", "/claim", visit.claim, "claim"),
    ("GET", "/review", review.nobody, "review_nobody"),
    ("GET", "/review/<uuid:member>", review.review, "review"),
    ("GET", "/data", privacy.own, "data"),
    ("POST", "/data/copy", privacy.copy, "data_copy"),
    ("GET", "/privacy", privacy.everybody, "privacy"),
    ("GET", "/privacy/nobody", privacy.nobody, "privacy_nobody"),
    ("GET", "/privacy/<uuid:person>", privacy.about, "privacy_person"),
    ("POST", "/privacy/<uuid:person>/erase", privacy.erase, "privacy_erase"),
    ("GET", "/retention", retention_pages.retention, "retention"),
    ("POST", "/retention/<rule>", retention_pages.change, "retention_change"),
    ("GET", "/completion", completion_pages.completion_page, "completion"),
    ("POST", "/completion", completion_pages.send_now, "completion_now"),
    ("POST", "/completion/own", completion_pages.choose, "completion_own"),
    ("POST", "/completion/by-hand/<uuid:member>", completion_pages.approve, "completion_approve"),
    ("POST", "/completion/<plugin>", completion_pages.switch, "completion_switch"),
    ("GET", "/place", placing.place, "place"),
    ("POST", "/place", placing.answer, "place_answer"),
    ("POST", "/place/back", placing.back, "place_back"),
    ("POST", "/copy", copies.copy, "copy"),
    ("GET", "/connections", connection_pages.overview, "connections"),
    ("GET", "/connections/launches", connection_pages.launches, "connections_launches"),
    ("GET", "/connections/launches/<uuid:note>", connection_pages.one_launch, "connections_launch"),
    ("POST", "/connections/platforms/<uuid:platform>", connection_pages.platform_state, "connections_platform"),
    ("POST", "/connections/deployments/<uuid:deployment>", connection_pages.deployment_state, "connections_deployment"),
    ("POST", "/connections/cohorts/<uuid:cohort>", connection_pages.archive, "connections_cohort"),
    ("POST", "/connections/invites", connection_pages.invite, "connections_invite"),
    ("POST", "/connections/invites/<uuid:invite>", connection_pages.revoke_invite, "connections_revoke"),
    ("POST", "/connections/test", connection_pages.test_ourselves, "connections_test"),
)


def add_pages(door: Blueprint) -> None:
    """Adds the core's pages to the launch door."""
    for method, path, view, name in PAGES:
        door.add_url_rule(path, name, view, methods=[method])
