"""The agreement about who answers for what. Both accept the same version, or it does not count."""

from collections.abc import Sequence
from dataclasses import dataclass

from plugins.handledning.models import Agreement, AgreementLine, Engagement, Whose
from plugins.handledning.operations.scope import Access, check_version, rows
from plugins.handledning.operations.steps import settle
from plugins.handledning.texts import WORDING
from service.contract import audit, now, session, unit


@dataclass(frozen=True)
class OwnLine:
    """A line of the two's own."""

    whose: Whose
    text: str


@dataclass(frozen=True)
class AgreementPage:
    """The newest version with its own lines, and the one in force: the newest that both have accepted."""

    newest: Agreement
    lines: Sequence[AgreementLine]
    in_force: Agreement | None


def agreement(access: Access) -> AgreementPage:
    """Returns an engagement's agreement. Both read it, and both may write it."""
    versions = rows(access, Agreement, order_by=Agreement.version.desc())
    newest = versions[0]
    lines = rows(
        access,
        AgreementLine,
        AgreementLine.agreement_id == newest.id,
        order_by=(AgreementLine.position, AgreementLine.id),
    )
    unit().vault.fetch({line.manager_id for line in lines})
    return AgreementPage(newest, lines, next((one for one in versions if one.valid), None))


def write_lines(access: Access, seen: int, lines: Sequence[OwnLine]) -> Agreement:
    """Keeps the own lines as the next version, which nobody has accepted yet. The same lines again make no version.

    Raises Conflict when there is a newer version than `seen`.
    """
    access.open()
    page = agreement(access)
    if [OwnLine(line.whose, line.text) for line in page.lines] == list(lines):
        return page.newest
    check_version(page.newest.version, seen)
    return _add_version(access, seen + 1, lines)


def begin_agreement(its: Engagement, version: int = 1) -> Agreement:
    """Begins a version of the agreement: the standard lines as they are worded today."""
    made = Agreement(engagement_id=its.id, version=version, wording=WORDING, written_at=now())
    session().add(made)
    session().flush()
    return made


def _add_version(access: Access, version: int, lines: Sequence[OwnLine]) -> Agreement:
    its = access.engagement
    made = begin_agreement(its, version)
    for place, line in enumerate(lines):
        session().add(
            AgreementLine(
                engagement_id=its.id,
                manager_id=access.manager_id,
                agreement_id=made.id,
                whose=line.whose,
                position=place,
                text=line.text,
            )
        )
    session().flush()
    return made


def accept_agreement(access: Access, version: int) -> Agreement:
    """Accepts a version for one of the two. Accepting it again changes nothing.

    Raises Conflict for any version but the newest: what is accepted is what stands on the page now.
    """
    access.open()
    newest = agreement(access).newest
    check_version(newest.version, version)
    name = f"{access.seat.value}_accepted_at"
    if getattr(newest, name) is None:
        setattr(newest, name, now())
        session().flush()
        audit(access.party.actor, "handledning.accept_agreement", object_type="agreement", object_ref=str(newest.id))
        settle(access)
    return newest
