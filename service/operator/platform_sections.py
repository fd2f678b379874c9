"""Rosters and completions of every organisation: how many are in which state, and which platform does not answer."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from service.cohorts.models import Cohort, Organisation
from service.lti.connection_words import ROSTERS
from service.lti.models import Platform
from service.lti.service_models import Delivery, DeliveryState, PlatformHealth, RosterState, RosterSync
from service.operator.sections import NONE, Row, Section, when
from service.unit import current


def deliveries() -> Section:
    """Completions on their way to gradebooks, by platform."""
    query = (
        sa.select(Organisation.name, Platform.name, Delivery.state, sa.func.count())
        .join(Platform, Platform.id == Delivery.platform_id)
        .join(Organisation, Organisation.id == Platform.organisation_id)
        .group_by(Organisation.name, Platform.name, Delivery.state)
    )
    titles = {
        DeliveryState.WAITING: _("on their way"), DeliveryState.SENT: _("sent"), DeliveryState.REFUSED: _("refused"),
        DeliveryState.NEEDS_ATTENTION: _("tried for three days in vain"),
    }  # fmt: skip
    wrong = (DeliveryState.REFUSED, DeliveryState.NEEDS_ATTENTION)
    rows = _counted(query, list(titles), wrong)
    headers = [_("Organisation"), _("Platform"), *titles.values()]
    return Section(
        "deliveries", _("Completions for gradebooks"), headers=headers, rows=rows, empty=_("None has been sent yet.")
    )


def rosters() -> Section:
    """Rosters, by organisation."""
    query = (
        sa.select(Organisation.name, sa.literal(""), RosterSync.state, sa.func.count())
        .join(Cohort, Cohort.id == RosterSync.cohort_id)
        .join(Organisation, Organisation.id == Cohort.organisation_id)
        .group_by(Organisation.name, RosterSync.state)
    )
    states = [state for state in RosterState if state is not RosterState.NEVER]
    rows = [
        Row(row.head, row.cells[1:], kind=row.kind)
        for row in _counted(query, states, (RosterState.FAILED, RosterState.REFUSED))
    ]
    headers = [_("Organisation"), *(ROSTERS[state] for state in states)]
    return Section("rosters", _("Rosters"), headers=headers, rows=rows, empty=_("None has been read yet."))


def _counted(query: sa.Executable, states: list[Any], wrong: tuple[Any, ...]) -> list[Row]:
    """A row for each organisation and platform, with the number in each state; marked where one is wrong."""
    found: dict[tuple[str, str], dict[Any, int]] = defaultdict(dict)
    for organisation, platform, state, number in current().session.execute(query):
        found[organisation, platform][state] = number
    return [
        Row(
            organisation, [platform, *(numbers.get(state, 0) for state in states)],
            kind="att" if any(numbers.get(state) for state in wrong) else "done",
        )
        for (organisation, platform), numbers in sorted(found.items())
    ]  # fmt: skip


def silent() -> Section:
    """Platforms whose services failed at the latest call."""
    query = (
        sa.select(Organisation.name, Platform.name, PlatformHealth)
        .join(Platform, Platform.id == PlatformHealth.platform_id)
        .join(Organisation, Organisation.id == Platform.organisation_id)
        .where(PlatformHealth.failures > 0)
        .order_by(Organisation.name, Platform.name)
    )
    rows = [
        Row(organisation, [platform, health.reason or NONE, health.failures, when(health.closed_until)], kind="att")
        for organisation, platform, health in current().session.execute(query)
    ]
    headers = [_("Organisation"), _("Platform"), _("Reason"), _("Failures in a row"), _("Left alone until")]
    return Section(
        "silent", _("Platforms that do not answer"), headers=headers, rows=rows,
        empty=_("Every platform answered the latest call."),
    )  # fmt: skip


PARTS = [silent, deliveries, rosters]
