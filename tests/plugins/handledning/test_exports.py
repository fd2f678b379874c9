"""Files of coaching: what is in whose, against the matrix and the database; each opened by readers that are not ours."""

import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import jsonschema
import pypdf
import pytest
import sqlalchemy as sa
from flask_babel import force_locale

import plugins.handledning as plugin
from plugins.handledning import data, operations
from plugins.handledning.calculations import EndReason, done_rate
from plugins.handledning.exports import whole
from plugins.handledning.models import Engagement, Goal, Note, Outcome, Suggestion, SuggestionKind, TrustPulse
from plugins.handledning.models.columns import OfEngagement
from plugins.handledning.operations import Party
from plugins.handledning.operations.after import give_pulse
from plugins.handledning.operations.development import plans_of
from plugins.handledning.operations.records import records_of
from plugins.handledning.operations.scope import reach_all
from plugins.handledning.operations.sessions import OutcomeDraft
from service import audit
from service.access import Role
from service.catalogues import speaking
from service.contract import Export, ExportScope
from service.pdf import pdf
from tests.plugins.handledning.everything import fill, texts_of
from tests.plugins.handledning.support import MEETING, START, Pair, chosen, full, pair
from tests.plugins.handledning.test_matrix import Place, cell, made
from tests.service.test_pdf import tags, words
from tests.support import Course, World, every_statement

TABLES = {whole.name_of(one): one for one in whole.kinds()}
FILES = ("development_plan", "session_records", "coaching")


@contextmanager
def asked(
    world: World, course: Course, key: str, me: Party, locale: str = "en"
) -> Iterator[tuple[Export, ExportScope]]:
    """An export and for whom it is, where a worker would write it."""
    found = [one for one in plugin.exports(course.cohort) if one.key in (key, f"{key}_{me.role.value}")]
    scope = ExportScope(me.cohort.id, me.person_id, me.role, locale)
    with world.app.app_context(), force_locale(locale), speaking("handledning"), world.core.units.reading():
        (export,) = [one for one in found if me.role in one.roles]
        yield export, scope


def data_of(world: World, course: Course, me: Party, locale: str = "en") -> dict[str, Any]:
    """The JSON file, which follows its published schema to the letter."""
    with asked(world, course, "coaching", me, locale) as (export, scope):
        assert export.tree is not None
        assert export.schema is not None
        found: dict[str, Any] = json.loads(json.dumps(export.tree(scope)))
        jsonschema.Draft202012Validator.check_schema(export.schema)
        jsonschema.Draft202012Validator(export.schema).validate(found)
        assert found["schema"] == export.schema["$id"]
        return found


def paper_of(world: World, course: Course, key: str, me: Party, locale: str = "en") -> pypdf.PdfReader:
    with asked(world, course, key, me, locale) as (export, scope):
        assert export.document is not None
        one = export.document(scope)
        return pypdf.PdfReader(io.BytesIO(pdf(one.template, one.data, locale=locale, title=one.title)))


def text_of(world: World, course: Course, key: str, me: Party) -> str:
    if key == "coaching":
        return json.dumps(data_of(world, course, me), ensure_ascii=False)
    return "".join(words(paper_of(world, course, key, me)).split())


def rows_of(world: World, course: Course, me: Party, locale: str = "en") -> list[list[Any]]:
    with asked(world, course, "own_managers", me, locale) as (export, scope):
        assert export.headers is not None
        assert export.kinds is not None
        assert export.count is not None
        assert export.rows is not None
        found = [list(export.headers(scope)), *map(list, export.rows(scope))]
        assert {len(row) for row in found} == {len(export.kinds(scope))}
        assert export.count(scope) == len(found) - 1
        return found


# --- who has what -----------------------------------------------------------------------------------------------------


def life(name: str, kind: str) -> bool:
    """Whether a text of the filled engagement belongs to a life goal."""
    return kind == "life" or (name, kind) == ("Goal", "life_shared")


@pytest.mark.parametrize("shares", [False, True], ids=["kept", "shared"])
def test_each_file_holds_what_the_matrix_lets_its_reader_have_and_no_more(world: World, *, shares: bool) -> None:
    place = made(world, shares=shares)
    two = place.two
    in_files = {model.__name__ for model in whole.kinds()}
    for seat, me in enumerate((two.manager, two.coach)):
        may = {
            key
            for key in place.everything.words
            if key[0] in in_files and cell(place, key[:2], seat) and not (seat and life(*key[:2]))
        }
        for name in FILES:
            said = text_of(world, two.course, name, me)
            there = {key for key, word in place.everything.words.items() if word in said}
            assert there <= may, (name, seat)
            if name == "coaching":
                assert there == may, seat
            if name == "development_plan":
                assert ("Goal", "professional", "title") in there
                assert (("Goal", "life", "title") in there) is not bool(seat)


def others(place: Place) -> Iterator[tuple[str, Course, Party]]:
    """Everybody else who might have such a file made, and the two where they have nothing."""
    world, two = place.two.world, place.two
    beside, far = world.course(beside=two.course), world.course()
    for course in (two.course, beside, far):
        for role in (Role.MANAGER, Role.COACH):
            member = world.member(course, role, "Other")
            yield f"other {role}", course, Party.of(course.cohort, member.person_id, role)
    for role, person in ((Role.MANAGER, two.manager_member.person), (Role.COACH, two.coach_member.person)):
        world.member(beside, role, person=person)
        yield f"{role} elsewhere", beside, Party.of(beside.cohort, person.id, role)


def test_nobody_else_has_a_word_of_it_and_an_empty_file_says_that_it_is_empty(world: World) -> None:
    place = made(world, shares=True)
    for who, course, me in others(place):
        sentence = {
            Role.MANAGER: "You have not had a coach in this course.",
            Role.COACH: "No manager of this course has chosen you as coach now.",
        }[me.role]
        tree = data_of(world, course, me)
        assert (tree["engagements"], tree["nothing"]) == ([], sentence), who
        if me.role is Role.COACH:
            assert rows_of(world, course, me)[1:] == [[sentence, *[None] * 9]]
    for key in ("development_plan", "session_records"):
        assert sentence in words(paper_of(world, course, key, me))
    assert not [one for one in plugin.exports(place.two.course.cohort) if one.roles & {Role.TRAINING, Role.CANDIDATE}]


def test_when_it_has_ended_the_manager_has_all_and_the_coach_nothing(world: World) -> None:
    place = made(world, shares=True)
    two = place.two
    with two.writing():
        operations.end(two.as_manager(lock=True), EndReason.CHANGED)
    assert data_of(world, two.course, two.coach)["engagements"] == []
    (its,) = data_of(world, two.course, two.manager)["engagements"]
    assert (its["status"], its["end_reason"]) == ("closed", "changed")
    assert its["note"]


# --- the data file ----------------------------------------------------------------------------------------------------


def counts_in_database(two: Pair) -> Mapping[str, int]:
    """How many rows there are of each kind, by SQL of our own."""
    with two.reading() as unit:
        names = [whole.name_of(model) for model in whole.kinds()]
        return {
            name: unit.session.execute(
                sa.text(f"select count(*) from handledning_{name} where engagement_id = :one").bindparams(
                    sa.bindparam("one", two.engagement.id, type_=sa.Uuid())
                )
            ).scalar_one()
            for name in names
        }


def test_the_managers_data_file_has_every_row_but_what_is_her_coachs_own(world: World) -> None:
    two = made(world, shares=False).two
    there = dict(counts_in_database(two))
    for name in ("note", "ego_check", "trust_pulse"):
        there[name] -= 1
    there["trust_pulse"] += 1  # both have answered: she reads the other's
    (its,) = data_of(world, two.course, two.manager)["engagements"]
    assert {name: len(its[name]) for name in there} == there
    assert (its["manager"], its["coach"]) == ("Karin Lindqvist", "Amira Haddad")
    assert {one["by"] for one in its["note"]} == {"manager", "coach"}


# What is about files and keeping, and no part of what the two write: not in the file, which a new schema would change.
NOT_IN_THE_FILE = {
    "note_review", "engagement.forgotten_at", "engagement.cohort_id", "plan_page.settled_as", "engagement.coach_id",
}  # fmt: skip
SAID_OTHERWISE = {"engagement_id", "manager_id", "owner_id", "person_id", "author_id"}


def test_the_schema_names_every_table_and_column_that_is_not_kept_out_by_decision() -> None:
    schema = whole.schema()["$defs"]
    every = {whole.name_of(one): one for one in data.tables() if issubclass(one, OfEngagement) or one is Engagement}
    missing = set()
    for name, model in every.items():
        named = set(schema.get(name, {"properties": {}})["properties"])
        columns = sa.inspect(model).columns.keys()
        plain = {key for key in columns if not key.endswith("_sealed")} - SAID_OTHERWISE
        lacks = {f"{name}.{key}" for key in plain | set(texts_of(model))} - {f"{name}.{key}" for key in named}
        missing |= lacks if name in schema else {name}
    assert missing <= NOT_IN_THE_FILE


def test_a_pulse_is_in_the_others_file_once_both_have_answered(world: World) -> None:
    two = pair(world)
    session_id = two.talk()
    with two.writing():
        give_pulse(two.coach, session_id, 4)
    (hers,) = data_of(world, two.course, two.manager)["engagements"]
    assert hers[whole.name_of(TrustPulse)] == []
    with two.writing():
        give_pulse(two.manager, session_id, 3)
    for me in (two.manager, two.coach):
        (its,) = data_of(world, two.course, me)["engagements"]
        assert {(one["by"], one["value"]) for one in its["trust_pulse"]} == {("manager", "3"), ("coach", "4")}


def test_a_coachs_file_points_at_nothing_that_it_lacks(world: World) -> None:
    place = made(world, shares=False)
    two, rows = place.two, place.everything.rows
    with two.writing() as unit:
        suggestion = unit.session.get_one(Suggestion, rows["Suggestion", ""].id)
        suggestion.kind, suggestion.subject_id = SuggestionKind.GOAL, rows["Goal", "life_shared"].id
        goal = unit.session.get_one(Goal, rows["Goal", "professional"].id)
        goal.discretion_id = rows["DiscretionItem", ""].id
    (coachs,) = data_of(world, two.course, two.coach)["engagements"]
    (hers,) = data_of(world, two.course, two.manager)["engagements"]
    assert coachs["suggestion"] == []
    assert len(hers["suggestion"]) == 1
    assert [one["discretion_id"] for one in coachs["goal"]] == [None]
    text = json.dumps(coachs)
    for kind in ("life", "life_shared"):
        assert str(rows["Goal", kind].id) not in text
        assert str(rows["Goal", kind].id) in json.dumps(hers)


def test_a_text_that_does_not_open_is_null_and_noted_and_the_rest_is_there(world: World) -> None:
    place = made(world, shares=False)
    two = place.two
    with two.writing() as unit:
        unit.session.execute(sa.text("update handledning_openness set inside_sealed = outside_sealed"))
    (its,) = data_of(world, two.course, two.manager)["engagements"]
    (openness,) = its["openness"]
    assert openness["inside"] is None
    assert openness["outside"] == place.everything.words["Openness", "", "outside"]
    with two.reading() as unit:
        noted = unit.session.execute(sa.text("select reason from audit_event where action = 'crypto.open'")).all()
    assert [row.reason for row in noted] == ["cannot_open"]


def test_what_was_moved_to_the_next_coachs_engagement_does_not_open_for_her(world: World) -> None:
    """A hand in the database gives a manager's shared rows to her next engagement: their texts stay closed there."""
    place = made(world, shares=True)
    two = place.two
    member = world.member(two.course, Role.COACH, "Next Coach")
    with two.writing():
        after = operations.choose_coach(two.manager, member.person_id)
    with two.writing() as unit:
        for model in (Note, Goal):
            unit.session.execute(sa.update(model).values(engagement_id=after.id))
    me = Party.of(two.course.cohort, member.person_id, Role.COACH)
    (its,) = data_of(world, two.course, me)["engagements"]
    assert [one["body"] for one in its["note"]] == [None]
    assert [one["title"] for one in its["goal"]] == [None]
    page = world.enter(two.course, member=member).get(f"/handledning/engagements/{after.id}/notes").text
    assert place.everything.words["Note", "shared", "body"] not in page


def test_every_file_takes_as_many_statements_for_twelve_managers_as_for_two(world: World) -> None:
    """With something of every kind in each engagement. What is noted of who looked is written at once, too."""
    first = chosen(world)
    fill(first, shares=True, beside=False)
    amounts: dict[str, set[int]] = defaultdict(set)
    for number in range(1, 12):
        fill(chosen(world, first.course, f"Chef {number}", first.coach_member), shares=True, beside=False)
        if number not in (1, 11):
            continue
        with first.writing() as unit:
            unit.session.execute(sa.text("update handledning_coaching_session set state = 'held'"))
        for key in FILES:
            with asked(world, first.course, key, first.coach) as (export, scope), every_statement(world) as statements:
                if export.tree is not None:
                    assert len(export.tree(scope)["engagements"]) == number + 1
                else:
                    assert export.document is not None
                    assert len(export.document(scope).data["parts"]) == number + 1
            amounts[key].add(len(statements))
    assert {key: len(numbers) for key, numbers in amounts.items()} == dict.fromkeys(FILES, 1)
    with first.reading() as unit:
        seen = unit.session.execute(
            sa.text("select count(*), count(distinct subject_id) from audit_event where action like '%.export_%'")
        ).one()
        assert tuple(seen) == (3 * (2 + 12), 12)
        assert audit.verify(unit.session, first.course.organisation.id) is None


UNREADABLE = "This text could not be read."


def damage(two: Pair, how: str) -> None:
    """A hand in the database damages one text of each kind that is printed, or the key of all is destroyed."""
    with two.writing() as unit:
        if how == "key":
            unit.vault.destroy(two.manager.person_id, unit.now())
            return
        for table, column in (
            ("goal", "title"), ("goal", "measure"), ("plan_page", "purpose"), ("situation", "text"), ("role_content", "text"),
            ("discretion_item", "text"), ("gas_scale", "expected"), ("value_reading", "text"), ("activity", "text"),
            ("homework", "text"), ("homework", "criterion"), ("term_outcomes", "own"), ("decision", "text"),
        ):  # fmt: skip
            unit.session.execute(sa.text(f"update handledning_{table} set {column}_sealed = :x"), {"x": b"damaged"})


@pytest.mark.parametrize("how", ["texts", "key"])
def test_what_does_not_open_is_told_in_its_place_and_the_file_is_made(world: World, how: str) -> None:
    two = chosen(world)
    there = fill(two, shares=True, beside=False)
    with two.writing() as unit:
        unit.session.execute(sa.text("update handledning_coaching_session set state = 'held'"))
    other = chosen(world, two.course, "Petra Ek", two.coach_member)
    damage(two, how)
    for me in (two.manager, two.coach):
        for key in FILES[:2]:
            said = words(paper_of(world, two.course, key, me))
            assert "Karin Lindqvist" in said
            assert said.count(UNREADABLE) > 1, (key, me.role)
            if me is two.coach:
                assert other.manager_member.person.display_name in said
        tree = data_of(world, two.course, me)
        unread = tree["not_read"]
        assert "could not be read" in unread["why"]
        assert {"kind": "goal", "id": str(there.id_of(Goal, "professional")), "text": "title"} in unread["texts"]
        its = next(one for one in tree["engagements"] if one["manager"] == "Karin Lindqvist")
        nulls = {
            (name, row["id"], key)
            for name, rows in its.items() if isinstance(rows, list)
            for row in rows for key, value in row.items()
            if value is None and f"{key}_sealed" in sa.inspect(TABLES[name]).columns
        }  # fmt: skip
        assert nulls == {(one["kind"], one["id"], one["text"]) for one in unread["texts"]}


# --- the papers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["sv", "lv"])
def test_the_papers_are_tagged_and_say_their_language_and_who_may_read_them(world: World, locale: str) -> None:
    two = made(world, shares=True).two
    titles = {
        "sv": ("Utvecklingsplan", "Protokoll från handledningstillfällen"),
        "lv": ("Attīstības plāns", "Koučinga sesiju protokoli"),
    }[locale]
    for key, title in zip(FILES, titles, strict=False):
        reader = paper_of(world, two.course, key, two.coach, locale)
        root = reader.trailer["/Root"]
        assert root["/Lang"] == locale
        assert {"/Title", "/H1"} <= set(tags(root["/StructTreeRoot"]))
        assert reader.metadata is not None
        assert reader.metadata.title == title
        assert "Karin Lindqvist" in words(reader)
    assert {"/H2", "/H3", "/Table", "/TH"} <= set(
        tags(paper_of(world, two.course, FILES[0], two.coach, locale).trailer["/Root"]["/StructTreeRoot"])
    )


def test_each_managers_plan_is_a_part_of_its_own_with_who_may_read_it(world: World) -> None:
    first = pair(world)
    pair(world, first.course, "Petra Ek", first.coach_member)
    reader = paper_of(world, first.course, "development_plan", first.coach)
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    assert [("Karin Lindqvist and Amira Haddad, nobody else." in one, "Petra Ek and Amira" in one) for one in pages] == [
        (True, False), (False, True),
    ]  # fmt: skip
    hers = words(paper_of(world, first.course, "development_plan", first.manager))
    assert "Only Karin Lindqvist. It also holds what her coach does not read" in hers
    assert "Petra" not in hers


def test_the_record_has_every_session_as_its_own_page_has_it(world: World) -> None:
    two = pair(world)
    first = two.talk(decision="Jag slutar fördela passen")
    later = START + timedelta(days=21)
    second = two.plan(later)
    with two.reading():
        (item,) = operations.sheet(two.manager, second).follow_up
    draft = full(start=later, due=date(2026, 12, 1), outcomes=[OutcomeDraft(item.id, Outcome.DONE, "Alla svarade")])
    two.save(second, draft)
    two.plan(later + timedelta(days=21))
    with two.reading():
        found = {one.sheet.session.id: one.sheet for one in records_of([two.as_manager()])[two.engagement.id]}
        assert list(found) == [first, second]
        for session_id, one in found.items():
            own = operations.sheet(two.manager, session_id)
            assert (one.decision, one.follow_up, one.new) == (own.decision, own.follow_up, own.new)
    said = words(paper_of(world, two.course, "session_records", two.manager))
    for text in ("Coaching session 1", "Coaching session 2", "Jag slutar fördela passen", "Alla svarade"):
        assert text in said
    assert "Coaching session 3" not in said
    # Each with the session that came after it.
    assert said.index("October 22 13:00") < said.index("Coaching session 2") < said.index("November 12 12:00")


def test_an_engagement_without_a_session_says_so_in_the_record(world: World) -> None:
    two = pair(world)
    assert "No session has been held yet." in words(paper_of(world, two.course, "session_records", two.coach))


# --- a coach's own managers -------------------------------------------------------------------------------------------


def test_a_coachs_managers_are_rows_of_numbers_that_the_database_has_too(world: World) -> None:
    two = pair(world)
    pair(world, two.course, "Anna Ek", two.coach_member)
    pair(world, two.course, "Somebody else's")
    two.talk(due=date(2026, 10, 15))
    later = START + timedelta(days=21)
    second = two.plan(later)
    with two.reading():
        (item,) = operations.sheet(two.manager, second).follow_up
    two.save(second, full(start=later, due=date(2027, 12, 1), outcomes=[OutcomeDraft(item.id, Outcome.DONE, "")]))
    two.close(second)
    headings, *rows = rows_of(world, two.course, two.coach)
    assert [row[0] for row in rows] == ["Anna Ek", "Karin Lindqvist"]
    assert headings[1:6] == [
        "Sessions held this term", "Minutes this term", "Homework open", "Homework overdue",
        "Homework done, of what was followed up",
    ]  # fmt: skip
    with two.reading() as unit:
        held, spent, last = unit.session.execute(
            sa.text(
                "select count(*), sum(process_minutes + result_minutes), max(planned_start)"
                " from handledning_coaching_session where state = 'closed'"
            ).columns(last=sa.Text)
        ).one()
    assert str(last).startswith(later.date().isoformat())
    assert rows[1][1:6] == [held, spent, 1, 0, 1.0]
    assert (held, spent) == (2, MEETING.process * 2 + MEETING.result * 2)
    assert rows[1][6] is not None
    assert rows[1][7] == "building trust"
    assert rows[1][8:] == [later.date(), None]
    assert rows[0][1:6] == [0, 0, 0, 0, None]
    assert rows[0][8] is None


def test_the_share_of_homework_that_was_done() -> None:
    assert done_rate(0, 0) is None
    assert done_rate(1, 4) == 0.25


# --- who looked -------------------------------------------------------------------------------------------------------


def test_a_manager_reads_that_her_coach_has_made_a_file_of_her_coaching(world: World) -> None:
    two = pair(world)
    for me in (two.manager, two.coach):
        for key in FILES:
            text_of(world, two.course, key, me)
    with two.reading() as unit:
        seen = unit.session.execute(
            sa.text(
                "select action, actor_id, subject_id from audit_event where action like 'handledning.export_%'"
            ).columns(actor_id=sa.Uuid, subject_id=sa.Uuid)
        ).all()
    assert sorted(row.action for row in seen) == [
        "handledning.export_coaching", "handledning.export_plan", "handledning.export_records",
    ]  # fmt: skip
    assert {(row.actor_id, row.subject_id) for row in seen} == {(two.coach.person_id, two.manager.person_id)}
    page = two.enter(two.manager_member).get("/audit").text
    assert "Your coaching as a data file to keep" in page


def test_a_plan_tells_what_a_goal_leans_on_to_a_coach_only_where_the_map_is_shared(world: World) -> None:
    for shares in (False, True):
        place = made(world, shares=shares)
        two, rows, told = place.two, place.everything.rows, place.everything.words
        with two.writing() as unit:
            goal = unit.session.get_one(Goal, rows["Goal", "professional"].id)
            goal.discretion_id, goal.role_content_id, goal.operations_goal_id = (
                rows[name, ""].id for name in ("DiscretionItem", "RoleContent", "OperationsGoal")
            )
            unit.session.execute(sa.text("update handledning_discretion_item set zone_wanted = 'consult'"))
        for me in (two.manager, two.coach):
            said = text_of(world, two.course, "development_plan", me)
            for title, name in (
                ("Leansonthequestion", "DiscretionItem"), ("Partoftherole", "RoleContent"),
                ("Goaloftheoperations", "OperationsGoal"),
            ):  # fmt: skip
                there = f"{title}{told[name, '', 'text']}" in said
                assert there is (shares or me is two.manager), (shares, me.role, name)
        assert ("agapof" in said) is shares


def test_what_ends_while_a_file_is_made_is_not_in_it(world: World) -> None:
    """Between looking up whose engagements go in and reading them the manager changes coach, and stops sharing her map."""
    two = made(world, shares=True).two
    with two.reading():
        every = reach_all(two.coach)
        assert plans_of(every)[0].goals
    with two.writing():
        operations.share_part(two.as_manager(lock=True), operations.Part.ROLE, shared=False)
    with two.reading():
        (plan,) = plans_of(every)
        assert (bool(plan.goals), plan.map.roles) == (True, [])
    with two.writing():
        operations.end(two.as_manager(lock=True), EndReason.CHANGED)
    with two.reading():
        (plan,) = plans_of(every)
        assert [plan.goals, plan.homework, plan.row, plan.outcomes, plan.map.head] == [[], [], None, None, None]
        assert records_of(every)[two.engagement.id] == []
