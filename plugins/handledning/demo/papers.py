"""What the two of a made-up engagement agree on before they begin."""

import uuid
from datetime import date, timedelta

from plugins.handledning import operations
from plugins.handledning.calculations import DEFAULT_TOLD, Progress, Told
from plugins.handledning.models import Ethics, ItemKind, Whose
from plugins.handledning.operations import Access, ContractDraft, ItemDraft, OpennessDraft, OwnLine, ProfileDraft


def profile(today: date) -> ProfileDraft:
    """The coach's own words."""
    return ProfileDraft(
        ethics=Ethics.ICF,
        ethics_version="2025",
        ethics_on=today - timedelta(days=400),
        about="Jag har själv varit chef i vården i femton år och har coachat chefer sedan 2014.",
        way="Jag frågar mer än jag svarar. Vi börjar alltid med det du har gjort sedan sist.",
    )


def agree(manager: Access, coach: Access, day: date, place: int) -> None:
    """Readiness, the coach's yes, and both papers accepted by both. `place` varies what differs between managers."""
    operations.answer_readiness(manager, (5, 4, 4) if place % 3 else (4, 5, 3))
    operations.accept_manager(coach)
    draft = OpennessDraft(
        4, "Mitt sätt att leda, gruppen och det som skaver.", "Min familj, om jag inte själv tar upp det."
    )
    operations.write_openness(manager, 0, draft)
    agreed = operations.agreement(manager).newest
    if place == 0:
        agreed = operations.write_lines(coach, agreed.version, [OwnLine(Whose.COACH, "Vi börjar och slutar i tid.")])
    told = DEFAULT_TOLD | {Told.HOURS} if place % 2 else DEFAULT_TOLD
    written = operations.write_contract(manager, 1, 1, contract(day, told))
    for access in (manager, coach):
        operations.accept_agreement(access, agreed.version)
        operations.accept_contract(access, written.number, written.version)


def report_progress(manager: Access, place: int) -> None:
    """Says how far the intermediate results are: on the way for most, done for some, nothing for one."""
    first, second = operations.contract(manager).of(ItemKind.INTERMEDIATE)
    if place != 1:
        operations.set_progress(manager, first.key, Progress.DONE)
        operations.set_progress(manager, second.key, Progress.PARTLY)


def contract(day: date, told: frozenset[Told]) -> ContractDraft:
    """A contract over twenty weeks from the day it is made."""

    def after(weeks: int) -> date:
        return day + timedelta(weeks=weeks)

    def line(kind: ItemKind, text: str, **values: object) -> ItemDraft:
        return ItemDraft(uuid.uuid4(), kind, text, **values)  # type: ignore[arg-type]  # the fields of a draft, by name

    items = [
        line(ItemKind.RESULT, "Teamet planerar sin egen vecka, och jag har två timmar ledartid."),
        line(ItemKind.RESPONSIBILITY, "Jag beslutar och prövar mellan tillfällena.", whose=Whose.CLIENT),
        line(ItemKind.RESPONSIBILITY, "Amira håller ihop processen och frågar.", whose=Whose.COACH),
        line(
            ItemKind.RISK,
            "Omorganisationen tar all tid.",
            probability=3,
            impact=4,
            mitigation="Vi tar upp det först och kortar målen.",
        ),
        line(ItemKind.INTERMEDIATE, "Teamet lägger sitt schema en vecka.", due_on=after(6), weight=2),
        line(ItemKind.INTERMEDIATE, "Två bokade timmar ledartid varje vecka.", due_on=after(16), weight=1),
    ]
    return ContractDraft(day, after(20), told, items)
