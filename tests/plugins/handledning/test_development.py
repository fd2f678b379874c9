"""The development plan: who writes what of it, when it is a draft, a lost race; and its files, read by a reader not ours."""

import io
import uuid
from datetime import date

import pypdf
import pytest

from plugins.handledning.models import GoalStatus, PlanPage, Scope, Situation
from plugins.handledning.operations import Part, RoleDraft, map_of, share_part, write_rows, write_situation
from plugins.handledning.operations.activities import ActivityDraft, add_activity
from plugins.handledning.operations.development import PlanDraft, is_draft, plan_of, settle_plan, write_plan
from plugins.handledning.operations.goal_sheets import goal_sheet
from plugins.handledning.operations.goals import GoalDraft, make_goal, set_goal_status, share_goal
from plugins.handledning.operations.scales import begin_on, rate, write_scale
from service.errors import Conflict, Forbidden, Invalid
from tests.plugins.handledning.support import Pair, pair
from tests.service.test_pdf import fonts, resolved, tags, words
from tests.support import Browser, World

TEXTS = PlanDraft("Leda mer, göra mindre: åäö", "Lyssnar på riktigt", "Två timmar i veckan", "Vi ses var tredje vecka")
LATVIAN = "Vadīt vairāk, darīt mazāk: āčēģīķļņšūž"
LEVELS = ["Gör allt själv", "Delar ibland", "Delar veckovis", "Teamet delar ut", "Teamet planerar själv"]


def goal(two: Pair, title: str = "Teamet äger sin vecka", scope: Scope = Scope.PROFESSIONAL) -> uuid.UUID:
    with two.writing():
        first = ActivityDraft(uuid.uuid4(), f"Pröva på måndag: {title}", date(2026, 12, 7))
        return make_goal(two.as_manager(lock=True), uuid.uuid4(), GoalDraft(title, scope=scope), first).id


def begun(two: Pair, goal_id: uuid.UUID, baseline: int = -1, level: int = 1) -> None:
    with two.writing():
        found = goal_sheet(two.manager, goal_id, lock=True)
        write_scale(found, found.goal.version, LEVELS)
    with two.writing():
        found = goal_sheet(two.manager, goal_id, lock=True)
        assert found.scale is not None
        begin_on(found, found.scale.id, baseline)
    with two.writing():
        found = goal_sheet(two.manager, goal_id, lock=True)
        assert found.scale is not None
        rate(found, found.scale.id, level)


def write(two: Pair, draft: PlanDraft, seen: int = 0) -> None:
    with two.writing():
        write_plan(two.as_manager(lock=True), seen, draft)


def drafted(two: Pair) -> tuple[bool, bool]:
    """Whether it is a draft to the manager, and to her coach."""
    with two.reading():
        return is_draft(plan_of(two.as_manager())), is_draft(plan_of(two.as_coach()))


def test_the_manager_writes_all_and_the_coach_what_they_agree_on(world: World) -> None:
    two = pair(world)
    write(two, TEXTS)
    with two.writing():
        write_plan(two.as_coach(lock=True), 1, PlanDraft("hers", "hers", "hers", "Och ringer emellan"))
    with two.reading():
        plan = plan_of(two.as_manager())
        assert plan.texts == PlanDraft(TEXTS.purpose, TEXTS.strengths, TEXTS.resources, "Och ringer emellan")
        assert plan.version == 2
        there = plan.texts
    write(two, there, seen=7)  # the same again is no lost race
    with pytest.raises(Conflict):
        write(two, TEXTS, seen=1)
    with pytest.raises(Conflict):
        write(two, TEXTS, seen=0)


def test_it_stands_when_she_says_so_and_until_it_is_changed(world: World) -> None:
    two = pair(world)
    with two.writing(), pytest.raises(Invalid):
        settle_plan(two.as_manager(lock=True))
    goal_id = goal(two)
    assert drafted(two) == (True, True)
    with two.writing(), pytest.raises(Forbidden):
        settle_plan(two.as_coach(lock=True))
    settle(two)
    assert drafted(two) == (False, False)
    begun(two, goal_id)
    settle(two)
    with two.writing():
        found = goal_sheet(two.manager, goal_id, lock=True)
        assert found.scale is not None
        rate(found, found.scale.id, 2)
    assert drafted(two) == (False, False)  # how far she has come is no change of the plan
    write(two, TEXTS, seen=1)
    assert drafted(two) == (True, True)
    settle(two)
    with two.writing():
        set_goal_status(goal_sheet(two.manager, goal_id, lock=True), GoalStatus.RESTING)
    assert drafted(two) == (True, True)


def test_what_the_coach_does_not_read_makes_no_draft_for_her(world: World) -> None:
    two = pair(world)
    goal(two)
    settle(two)
    life = goal(two, "Springa igen", Scope.LIFE)
    assert drafted(two) == (True, False)
    settle(two)
    with two.writing():
        share_goal(goal_sheet(two.manager, life, lock=True), shared=True)
    settle(two)
    assert drafted(two) == (False, False)
    with two.writing():
        add_activity(two.as_manager(lock=True), life, ActivityDraft(uuid.uuid4(), "Köpa skor", date(2026, 12, 14)))
    assert drafted(two) == (True, True)


def settle(two: Pair) -> None:
    with two.writing():
        settle_plan(two.as_manager(lock=True))


def test_what_marks_the_settled_plan_holds_nothing_of_its_texts(world: World) -> None:
    two = pair(world)
    write(two, TEXTS)
    goal(two)
    settle(two)
    with two.reading() as unit:
        marks = unit.session.query(PlanPage).one().settled_as
    assert marks is not None
    assert {len(mark) for mark in marks.split(".")} == {12}


# --- the page ---------------------------------------------------------------------------------------------------------


def at(two: Pair, rest: str = "") -> str:
    return f"/handledning/engagements/{two.engagement.id}{rest}"


def form(draft: PlanDraft, version: int) -> dict[str, str]:
    return {**vars(draft), "version": str(version)}


def test_both_write_on_one_page_and_a_lost_race_shows_both_texts(world: World) -> None:
    two = pair(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    assert manager.post(at(two, "/development"), form(TEXTS, 0)).status_code == 303
    page = coach.get(at(two, "/development")).text
    assert TEXTS.purpose in page
    assert 'name="purpose"' not in page
    assert (
        coach.post(at(two, "/development"), {"support": "Coachens ord", "purpose": "x", "version": "1"}).status_code
        == 303
    )
    lost = manager.post(at(two, "/development"), form(PlanDraft("Nytt syfte", support="Chefens ord"), 1))
    assert lost.status_code == 409
    for text in (
        "Nytt syfte",
        "Chefens ord",
        "Coachens ord",
        TEXTS.purpose,
        "This was changed while you were writing.",
    ):
        assert text in lost.text
    assert 'value="2"' in lost.text  # saving again is hers to choose
    assert (
        manager.post(at(two, "/development"), form(PlanDraft("Nytt syfte", support="Chefens ord"), 2)).status_code
        == 303
    )
    assert "Nytt syfte" in coach.get(at(two, "/development")).text
    assert manager.post(at(two, "/development"), form(PlanDraft("x" * 2001), 3)).status_code == 422
    outrun = coach.post(at(two, "/development"), {"support": "Gammalt", "version": "1"})
    assert outrun.status_code == 409
    assert "Gammalt" in outrun.text
    assert "Chefens ord" in outrun.text


def test_it_is_settled_on_the_page_and_marked_as_a_draft_until_then(world: World) -> None:
    two = pair(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    refused = manager.post(at(two, "/development/settle"))
    assert refused.status_code == 422
    assert "It needs a goal." in refused.text
    goal(two)
    assert "<b>Draft</b>" in manager.get(at(two, "/development")).text
    assert manager.post(at(two, "/development/settle")).status_code == 303
    assert "Settled on" in coach.get(at(two, "/development")).text
    assert coach.post(at(two, "/development/settle")).status_code == 403


# --- the files --------------------------------------------------------------------------------------------------------


def read(browser: Browser, path: str) -> pypdf.PdfReader:
    answer = browser.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.text
    return pypdf.PdfReader(io.BytesIO(answer.data))


def furnished(world: World) -> Pair:
    """A plan with all its parts; nothing of the map is shared."""
    two = pair(world)
    write(two, PlanDraft(TEXTS.purpose, LATVIAN, TEXTS.resources, TEXTS.support))
    begun(two, goal(two))
    goal(two, "Springa igen, hälsan först", Scope.LIFE)
    with two.writing():
        access = two.as_manager(lock=True)
        write_situation(access, 0, "Tolv personer, två orter", "")
        write_rows(access, map_of(access).version, RoleDraft, [RoleDraft(uuid.uuid4(), "Bemanning för sjön")])
    two.talk()
    return two


def test_the_plan_is_tagged_and_says_language_title_and_who_may_read_it(world: World) -> None:
    two = furnished(world)
    reader = read(two.enter(two.manager_member, locale="sv"), at(two, "/plan.pdf"))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "sv"
    assert resolved(root["/MarkInfo"])["/Marked"]
    assert b"pdfuaid:part" in resolved(root["/Metadata"]).get_data()
    assert {"/Title", "/H1", "/H2", "/H3", "/Table", "/TH", "/P"} <= set(tags(root["/StructTreeRoot"]))
    assert all(fonts(reader).values())
    assert reader.metadata is not None
    assert reader.metadata.title == "Utvecklingsplan, Karin Lindqvist"
    assert 1 <= len(reader.pages) <= 3
    said = words(reader)
    for text in (
        TEXTS.purpose,
        LATVIAN,
        "Teamet äger sin vecka",
        "Utkast",
        "Tolv personer, två orter",
        "Bemanning för sjön",
    ):
        assert text in said
    assert "Vem får läsa detta: Karin Lindqvist och Amira Haddad." in said
    assert f"Sida 1 av {len(reader.pages)}" in said
    assert LEVELS[4] in said


def test_life_goals_and_t_are_for_the_two_alone(world: World) -> None:
    two = furnished(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    shown, own = words(read(manager, at(two, "/plan.pdf"))), words(read(manager, at(two, "/plan.pdf?for=two")))
    assert "Springa igen" not in shown
    assert "T at the beginning" not in shown
    assert "Springa igen, hälsan först" in own
    assert "T at the beginning 40.0, now 60.0, change +20.0." in own
    assert "Karin Lindqvist and Amira Haddad, nobody else." in own
    hers = words(read(coach, at(two, "/plan.pdf?for=two")))
    assert "T at the beginning" in hers
    for kept in ("Springa igen", "Tolv personer", "Bemanning"):
        assert kept not in hers
    with two.writing():
        access = two.as_manager(lock=True)
        share_part(access, Part.SITUATION, shared=True)
    assert "Tolv personer" in words(read(coach, at(two, "/plan.pdf")))
    with two.reading() as unit:
        assert unit.session.query(Situation).one().shares_situation


def test_a_plan_with_nothing_in_it_is_a_file_all_the_same(world: World) -> None:
    two = pair(world)
    said = words(read(two.enter(two.manager_member), at(two, "/plan.pdf")))
    assert "Nothing written yet." in said
    assert "Draft" in said


def test_a_settled_plan_has_no_mark(world: World) -> None:
    two = pair(world)
    goal(two)
    settle(two)
    assert "Draft" not in words(read(two.enter(two.manager_member), at(two, "/plan.pdf")))


def test_a_sessions_record_has_what_was_followed_up_decided_and_taken_on(world: World) -> None:
    two = pair(world)
    first = two.talk(decision="Jag slutar fördela passen", expected="Teamet gör det")
    manager, coach = two.enter(two.manager_member, locale="sv"), two.enter(two.coach_member, locale="lv")
    reader = read(manager, f"/handledning/sessions/{first}/record.pdf")
    said = words(reader)
    for text in ("Jag slutar fördela passen", "Teamet gör det", "Ask the team", "Three answers written down"):
        assert text in said
    assert "Utkast" not in said
    assert reader.trailer["/Root"]["/Lang"] == "sv"
    assert "/Table" in set(tags(reader.trailer["/Root"]["/StructTreeRoot"]))
    latvian = read(coach, f"/handledning/sessions/{first}/record.pdf")
    assert latvian.trailer["/Root"]["/Lang"] == "lv"
    assert "Jag slutar fördela passen" in words(latvian)
    kept = two.plan()
    assert "Utkast" in words(read(manager, f"/handledning/sessions/{kept}/record.pdf"))


def test_the_record_for_a_coach_lacks_a_decision_that_is_kept(world: World) -> None:
    two = pair(world)
    first = two.talk(decision="Det här är bara mitt", keeps_decision=True)
    path = f"/handledning/sessions/{first}/record.pdf"
    assert "Det här är bara mitt" in words(read(two.enter(two.manager_member), path))
    assert "Det här är bara mitt" not in words(read(two.enter(two.coach_member), path))


def test_the_name_of_a_file_names_nobody(world: World) -> None:
    two = pair(world)
    manager = two.enter(two.manager_member)
    name = manager.get(at(two, "/plan.pdf")).headers["Content-Disposition"]
    assert name == 'attachment; filename="development-plan-2026.pdf"'


def test_a_coach_who_fetches_a_file_is_noted(world: World) -> None:
    two = pair(world)
    first = two.talk()
    coach = two.enter(two.coach_member)
    coach.get(at(two, "/plan.pdf"))
    coach.get(f"/handledning/sessions/{first}/record.pdf")
    audit = two.enter(two.manager_member).get("/audit").text
    assert "The overview of your coaching" in audit
    assert "A coaching session" in audit
