"""The contract: five parts, versions that freeze when they are accepted, and how far the two are from it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from plugins.handledning.calculations import (
    DEFAULT_TOLD,
    ContractFacts,
    Distance,
    Lacking,
    Milestone,
    Progress,
    Step,
    Told,
    distance,
    risk_score,
    said,
    what_contract_lacks,
    written,
)
from plugins.handledning.models import Contract, ContractItem, Engagement, ItemKind, Whose
from plugins.handledning.operations.scope import Access, check_version, rows
from plugins.handledning.operations.steps import settle
from service.contract import Invalid, NotFound, audit, now, session, unit


@dataclass(frozen=True)
class ItemDraft:
    """A line as typed. `key` is kept from the first time its row was shown, so that saving twice makes one line."""

    key: uuid.UUID
    kind: ItemKind
    text: str
    whose: Whose | None = None
    probability: int | None = None
    impact: int | None = None
    mitigation: str = ""
    due_on: date | None = None
    weight: int | None = None


@dataclass(frozen=True)
class ContractDraft:
    """Everything on a contract's page, as typed."""

    period_from: date | None = None
    period_to: date | None = None
    told: frozenset[Told] = DEFAULT_TOLD
    items: Sequence[ItemDraft] = ()


@dataclass(frozen=True)
class ContractPage:
    """The newest version with its lines, and the one in force with its own: the newest that both have accepted."""

    newest: Contract
    items: Sequence[ContractItem]
    in_force: Contract | None
    items_in_force: Sequence[ContractItem]

    def of(self, kind: ItemKind) -> Sequence[ContractItem]:
        """The newest version's lines of one part."""
        return [item for item in self.items if item.kind is kind]

    @property
    def risks(self) -> Sequence[ContractItem]:
        """The newest version's risks, the weightiest first; those that were not rated last."""
        return sorted(self.of(ItemKind.RISK), key=lambda item: -risk_score(item.probability or 0, item.impact or 0))

    @property
    def lacking(self) -> Lacking:
        """What the newest version lacks before it can be accepted."""
        stones = [Milestone(item.due_on, item.weight) for item in self.of(ItemKind.INTERMEDIATE)]
        return what_contract_lacks(
            ContractFacts(
                results=len(self.of(ItemKind.RESULT)),
                responsibilities=len(self.of(ItemKind.RESPONSIBILITY)),
                risks=len(self.of(ItemKind.RISK)),
                period_from=self.newest.period_from,
                period_to=self.newest.period_to,
                milestones=stones,
            )
        )

    def distance(self, today: date) -> Distance | None:
        """How far the two are from the contract in force; None without one."""
        steps = [
            Step(item.weight, item.due_on, item.progress or Progress.NOT)
            for item in self.items_in_force
            if item.kind is ItemKind.INTERMEDIATE and item.weight and item.due_on
        ]
        return distance(steps, today)


def contract(access: Access) -> ContractPage:
    """Returns an engagement's contract. Both read it, and both may write it."""
    versions = rows(access, Contract, order_by=Contract.number.desc())
    in_force = next((one for one in versions if one.valid), None)
    wanted = {versions[0].id, *([in_force.id] if in_force else [])}
    items = rows(
        access, ContractItem, ContractItem.contract_id.in_(wanted), order_by=(ContractItem.position, ContractItem.id)
    )
    unit().vault.fetch({item.manager_id for item in items})
    return ContractPage(
        versions[0],
        [item for item in items if item.contract_id == versions[0].id],
        in_force,
        [item for item in items if in_force is not None and item.contract_id == in_force.id],
    )


def write_contract(access: Access, number: int, seen: int, draft: ContractDraft) -> Contract:
    """Keeps the contract as typed. While nobody has accepted it, in place; after that as the next version.

    The version in force goes on until both have accepted the next. The same again changes nothing. Raises Conflict when
    there is a newer version than `number`, or somebody saved after `seen` was read.
    """
    access.open()
    page = contract(access)
    if drafted(page) == replace(draft, items=list(draft.items)):
        return page.newest
    check_version(page.newest.number, number)
    check_version(page.newest.version, seen)
    its = page.newest
    if its.frozen:
        its = begin_contract(access.engagement, number + 1)
    before = {item.key: item for item in page.items}
    its.period_from, its.period_to, its.told = draft.period_from, draft.period_to, written(draft.told)
    its.written_at, its.version = now(), its.version + 1
    for place, line in enumerate(draft.items):
        _write_item(access, its, place, line, before.get(line.key))
    kept = {line.key for line in draft.items}
    for item in page.items:
        if item.contract_id == its.id and item.key not in kept:
            session().delete(item)
    session().flush()
    return its


def begin_contract(its: Engagement, number: int = 1) -> Contract:
    """Begins a version of the contract, empty."""
    made = Contract(engagement_id=its.id, number=number, told=written(DEFAULT_TOLD), written_at=now(), version=1)
    session().add(made)
    session().flush()
    return made


def _write_item(access: Access, its: Contract, place: int, line: ItemDraft, there: ContractItem | None) -> None:
    """Writes one line; in a new version it is a line of its own, with the progress of the one before."""
    row = there
    if row is None or row.contract_id != its.id:
        progress = (there.progress if there else None) or Progress.NOT
        row = ContractItem(
            engagement_id=its.engagement_id,
            manager_id=access.manager_id,
            contract_id=its.id,
            key=line.key,
            kind=line.kind,
            position=place,
            progress=progress if line.kind is ItemKind.INTERMEDIATE else None,
        )
        session().add(row)
    row.position, row.whose, row.due_on, row.weight = place, line.whose, line.due_on, line.weight
    row.probability, row.impact = line.probability, line.impact
    row.text, row.mitigation = line.text, line.mitigation


def drafted(page: ContractPage) -> ContractDraft:
    """Returns the newest version as it would be typed."""
    its = page.newest
    return ContractDraft(its.period_from, its.period_to, said(its.told), [_typed(item) for item in page.items])


def _typed(item: ContractItem) -> ItemDraft:
    return ItemDraft(
        key=item.key,
        kind=item.kind,
        text=item.text,
        whose=item.whose,
        probability=item.probability,
        impact=item.impact,
        mitigation=item.mitigation,
        due_on=item.due_on,
        weight=item.weight,
    )


class Incomplete(Invalid):
    """The contract cannot be accepted yet; `lacking` says what for."""

    def __init__(self, lacking: Lacking) -> None:
        super().__init__(**{section.value: "" for section in lacking.sections})
        self.lacking = lacking


def accept_contract(access: Access, number: int, seen: int) -> Contract:
    """Accepts a version for one of the two, which freezes it. Accepting it again changes nothing.

    Raises Conflict for any version but the newest as it stands, and Incomplete when a part of it is missing.
    """
    access.open()
    page = contract(access)
    check_version(page.newest.number, number)
    name = f"{access.seat.value}_accepted_at"
    if getattr(page.newest, name) is not None:
        return page.newest
    check_version(page.newest.version, seen)
    if page.lacking:
        raise Incomplete(page.lacking)
    setattr(page.newest, name, now())
    session().flush()
    audit(access.party.actor, "handledning.accept_contract", object_type="contract", object_ref=str(page.newest.id))
    settle(access)
    return page.newest


def set_progress(access: Access, key: uuid.UUID, progress: Progress) -> None:
    """Says how far an intermediate result is. The manager alone may. Raises NotFound for none of the contract's."""
    access.only_manager("set_progress")
    access.open()
    page = contract(access)
    lines = [
        item
        for item in {item.id: item for item in (*page.items, *page.items_in_force)}.values()
        if item.key == key and item.kind is ItemKind.INTERMEDIATE
    ]
    if not lines:
        raise NotFound("intermediate_result")
    for item in lines:
        item.progress = progress
    session().flush()
