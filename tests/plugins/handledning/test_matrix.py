"""The matrix of roles and data: every cell of the coaching and notes rows, below the pages and on all of them."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import pytest
import sqlalchemy as sa
from pypdf import PdfReader
from werkzeug.test import TestResponse

from plugins.handledning import data, operations
from plugins.handledning.calculations import EndReason
from plugins.handledning.models import CoachingSession
from plugins.handledning.models.columns import OfEngagement, Private
from plugins.handledning.operations import Access
from service.access import Role
from service.errors import NotFound
from tests.contract.rules import behind, path_of
from tests.plugins.handledning.everything import Everything, fill
from tests.plugins.handledning.support import Pair, agree, chosen
from tests.support import Browser, Course, World

# By (model, kind): what the manager and what her coach read. R all, S only once the manager shares it, - nothing.
# domain.md 5.3, rows Readiness … PDP, Discretion, notes. Nobody else reads any of it.
CELLS: dict[tuple[str, str], tuple[str, str]] = {
    ("ReadinessCheck", ""): ("R", "R"),
    ("EgoCheck", "manager"): ("R", "-"),
    ("EgoCheck", "coach"): ("-", "R"),
    ("ValueCheck", "manager"): ("R", "-"),
    ("TrustPulse", "manager"): ("R", "-"),
    ("TrustPulse", "coach"): ("-", "R"),
    ("Openness", ""): ("R", "R"),
    ("Agreement", ""): ("R", "R"),
    ("AgreementLine", ""): ("R", "R"),
    ("Contract", ""): ("R", "R"),
    ("ContractItem", ""): ("R", "R"),
    ("CoachingSession", ""): ("R", "R"),
    ("SessionPart", ""): ("R", "R"),
    ("SessionText", ""): ("R", "R"),
    ("AgendaItem", ""): ("R", "R"),
    ("Answer", ""): ("R", "R"),
    ("Homework", ""): ("R", "R"),
    ("CoachFeedback", ""): ("R", "R"),
    ("Contact", ""): ("R", "R"),
    ("Suggestion", ""): ("R", "R"),
    ("Note", "shared"): ("R", "R"),
    ("Note", "coach_private"): ("-", "R"),
    ("Note", "manager_private"): ("R", "-"),
    ("NoteReview", ""): ("R", "R"),
    ("Decision", "kept"): ("R", "-"),
    ("Decision", "shared"): ("R", "R"),
    ("ExternalTest", "kept"): ("R", "-"),
    ("ExternalTest", "shared"): ("R", "R"),
    ("Goal", "professional"): ("R", "R"),
    ("Goal", "life"): ("R", "-"),
    ("Goal", "life_shared"): ("R", "R"),
    ("GasScale", ""): ("R", "R"),
    ("GasScale", "life"): ("R", "-"),
    ("GasRating", ""): ("R", "R"),
    ("GasRating", "life"): ("R", "-"),
    ("ValueReading", ""): ("R", "R"),
    ("ValueReading", "life"): ("R", "-"),
    ("Activity", ""): ("R", "R"),
    ("Activity", "life"): ("R", "-"),
    ("Situation", ""): ("R", "S"),
    ("RoleContent", ""): ("R", "S"),
    ("Relation", ""): ("R", "S"),
    ("DiscretionItem", ""): ("R", "S"),
    ("OperationsGoal", ""): ("R", "S"),
    ("PlanPage", ""): ("R", "R"),
    ("TermOutcomes", ""): ("R", "R"),
    ("ProgrammeFeedback", ""): ("R", "-"),
}
# What a page shows only in a case of its own, which the tests of that page make: outcomes once a later session follows up,
# what a coach gave out of her own notes in the manager's copy, feedback once a session was held, the reason once it was cancelled, a value that was read again half way or at the end.
NOT_HERE = {
    ("Homework", "", "outcome_note"), ("CoachFeedback", ""), ("SessionText", "", "cancel_note"), ("ValueReading", ""),
    ("ValueReading", "life"), ("NoteReview", ""),
}  # fmt: skip


@dataclass
class Place:
    """A filled engagement, shared or not, and everybody who might try to read it."""

    two: Pair
    everything: Everything
    shares: bool


@pytest.fixture(params=[False, True], ids=["kept", "shared"])
def place(request: pytest.FixtureRequest, world: World) -> Place:
    return made(world, shares=request.param)


def made(world: World, *, shares: bool) -> Place:
    two = chosen(world)
    agree(two)
    return Place(two, fill(two, shares=shares), shares)


def cell(place: Place, key: tuple[str, str], seat: int) -> bool:
    """Whether this seat (0: manager, 1: coach) reads rows of that kind here."""
    letter = CELLS[key][seat]
    return letter == "R" or (letter == "S" and place.shares)


def test_every_table_of_an_engagement_is_in_the_matrix() -> None:
    named = {name for name, _kind in CELLS}
    assert named == {m.__name__ for m in data.tables() if issubclass(m, OfEngagement)}


def reads(access: Access, row: OfEngagement) -> bool:
    """Whether a row is among what is loaded for somebody, which both ways of asking must agree on."""
    model = type(row)
    ids = {one.id for one in operations.rows(access, model, operations.visible(access, model))}  # type: ignore[attr-defined]
    found = row.id in ids  # type: ignore[attr-defined]
    try:
        operations.readable(access, row)
    except NotFound:
        assert not found
    else:
        assert found
    return found


SEATS = (0, 1)


def test_each_cell_below_the_pages_and_on_them(place: Place) -> None:
    """The manager's seat and the coach's: what is loaded for them, and what their pages say."""
    for seat in SEATS:
        below_the_pages(place, seat)
    for seat in SEATS:
        on_the_pages(place, seat)


def below_the_pages(place: Place, seat: int) -> None:
    with place.two.reading():
        access = place.two.as_coach() if seat else place.two.as_manager()
        found = {key: reads(access, row) for key, row in place.everything.rows.items() if key in CELLS}
    assert found == {key: cell(place, key, seat) for key in CELLS}


IN_THE_COHORT = {"training", "another coach of the cohort", "another manager of the cohort"}


def strangers(place: Place) -> Iterator[tuple[str, Browser]]:
    """Everybody else, each in a launch of her own."""
    world, two = place.two.world, place.two
    beside = world.course(beside=two.course)
    yield "training", world.enter(two.course, Role.TRAINING, "Training")
    yield "another coach of the cohort", world.enter(two.course, Role.COACH, "Other Coach")
    yield "another manager of the cohort", world.enter(two.course, Role.MANAGER, "Other Manager")
    yield "an administrator of the platform", world.enter(two.course, Role.CANDIDATE, "Administrator")
    yield "a teacher without a role here", world.enter(two.course, Role.NONE, "Assistant")
    yield "the coach in another course", _elsewhere(world, beside, two, Role.COACH)
    yield "the manager in another course", _elsewhere(world, beside, two, Role.MANAGER)
    yield "another organisation's coach", world.enter(world.course(), Role.COACH, "Stranger")


def _elsewhere(world: World, beside: Course, two: Pair, role: Role) -> Browser:
    member = two.coach_member if role is Role.COACH else two.manager_member
    return world.enter(beside, member=world.member(beside, role, person=member.person))


def text_of(answer: TestResponse) -> str:
    """What an answer says: a page as it is, a file in its words."""
    if answer.mimetype != "application/pdf":
        return answer.text
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)


def pages_of(browser: Browser, place: Place, *, core: bool = False) -> Iterator[tuple[str, int, str]]:
    """Every page of the plugin, and of the core where asked, as somebody gets it: address, status, text."""
    ids = {"engagement_id": place.two.engagement.id, "session_id": place.everything.id_of(CoachingSession)}
    for address in behind(browser.app, "l"):
        if (
            address.method != "GET"
            or address.plugin not in ("handledning", *([None] if core else []))
            or address.endpoint.endswith(".leave")
        ):
            continue
        for value in _ids(address.ids, ids, place) if address.ids else [uuid.uuid4()]:
            path = path_of(browser.app, address.rule, value)
            for shown in (
                [path.replace("/map/example", f"/map/{name}") for name in MAP_LISTS] if "example" in path else [path]
            ):
                answer = browser.get(shown)
                yield shown, answer.status_code, text_of(answer)


MAP_LISTS = ("role", "relations", "discretion", "operations")


# What an address calls a row where the model has another name.
CALLED = {"test": "externaltest", "item": "agendaitem"}


def _ids(names: tuple[str, ...], ids: dict[str, uuid.UUID], place: Place) -> list[uuid.UUID]:
    """The ids for an address with one id; a page of a single row is asked for by every such row's."""
    if names[0] in ids:
        return [ids[names[0]]]
    kind = names[0].removesuffix("_id").replace("_", "")
    found = [row.id for (name, _kind), row in place.everything.rows.items() if name.lower() == CALLED.get(kind, kind)]
    return found or [uuid.uuid4()]


def test_nobody_else_finds_a_word_of_it_on_any_page(world: World) -> None:
    place = made(world, shares=True)
    for who, browser in strangers(place):
        for path, status, text in pages_of(browser, place, core=who in IN_THE_COHORT):
            assert status < 500, (who, path)
            found = [key for key, word in place.everything.words.items() if word in text]
            # A coach's profile is for the managers who choose among the coaches, and for the training department.
            assert [key for key in found if key[0] != "CoachProfile"] == [], (who, path)
            if f"{place.two.engagement.id}" in path:
                assert status in (403, 404), (who, path)


def on_the_pages(place: Place, seat: int) -> None:
    two = place.two
    browser = two.enter(two.coach_member if seat else two.manager_member)
    texts = []
    for path, status, text in pages_of(browser, place):
        assert status < 500, path
        texts.append(text)
    everything = "\n".join(texts)
    shown = {key for key, word in place.everything.words.items() if word in everything and key[0] != "CoachProfile"}
    may = {key for key in place.everything.words if key[:2] in CELLS and cell(place, key[:2], seat)}
    assert shown <= may
    must = {key for key in may if not {key, key[:2]} & NOT_HERE}
    assert must <= shown


def test_when_it_has_ended_the_coach_finds_nothing_and_the_manager_everything(world: World) -> None:
    place = made(world, shares=True)
    two = place.two
    with two.writing():
        operations.end(two.as_manager(lock=True), EndReason.CHANGED)
    coach = two.enter(two.coach_member)
    for path, status, text in pages_of(coach, place):
        assert status < 500, path
        assert [k for k, word in place.everything.words.items() if word in text and k[0] != "CoachProfile"] == [], path
    texts = "\n".join(text for _path, _status, text in pages_of(two.enter(two.manager_member), place))
    assert place.everything.words["Openness", "", "inside"] in texts


def test_what_is_private_is_sealed_with_its_writers_own_key(world: World) -> None:
    place = made(world, shares=False)
    """Below the operations too: a row that was given to somebody else by a hand in the database does not open."""
    for (name, _kind), row in place.everything.rows.items():
        model = type(row)
        if issubclass(model, Private):
            assert row.person_id in (place.two.manager.person_id, place.two.coach.person_id), name
    with place.two.reading() as unit:
        sealed = unit.session.scalar(sa.text("select count(*) from person_key"))
    assert sealed == 2
