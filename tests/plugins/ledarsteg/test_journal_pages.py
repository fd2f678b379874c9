"""The pages of the journal: what they say, what they keep when something is wrong, and whose they are."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from plugins.ledarsteg.models import Choice, Habit, Insight, InsightKind, Review, Slot, TimeAudit, TimeRow
from plugins.ledarsteg.operations import insights, library, term
from service.access import Role
from service.audit import Actor, AuditEvent
from service.cohorts.models import Member
from tests.plugins.ledarsteg.support import TODAY, counting, make, owner_of
from tests.plugins.ledarsteg.test_journal import LAST_MONDAY, capture, write
from tests.plugins.ledarsteg.test_pages import visible
from tests.support import Browser, Course, OffsetClock, World

pytestmark = pytest.mark.once


HTMX = {"HX-Request": "true"}
WEEK = "/ledarsteg/reviews/2026/47"
LOOK = {
    "contribution": "I asked what she needs", "sides": ["1", "4"], "being": "2", "being_text": "A pause", "doing": "5",
    "doing_text": "All week", "next_week": "One talk", "revision": "0",
}  # fmt: skip
FRIDAY = timedelta(days=3)


@pytest.fixture
def inside(world: World, course: Course, karin: Member) -> Browser:
    """Karin's browser."""
    return world.enter(course, member=karin)


def rows(world: World, model: type) -> list[Any]:
    with world.core.units.reading() as unit:
        return list(unit.session.scalars(sa.select(model)))


# ---- insights ----


def test_an_insight_is_written_with_one_tap_and_stands_first(world: World, inside: Browser, karin: Member) -> None:
    habit = make(world, karin, "Ask first")
    words = visible(inside.get("/ledarsteg/journal").text)
    assert words.index("Who sees this?") < words.index("Write down", words.index("Who sees this?"))
    answer = inside.post(
        "/ledarsteg/insights",
        {"key": "k", "text": " They wait\r\nfor me ", "kind": "crossroads", "habit": str(habit.id)},
    )
    assert (answer.status_code, answer.location) == (303, inside.path + "/ledarsteg/insights")
    words = visible(inside.get("/ledarsteg/insights").text)
    assert "They wait for me" in words
    assert "Aha, about the core of leading, Ask first" in words
    assert "Only you see it." in words
    (one,) = rows(world, Insight)
    with world.core.units.reading():
        assert one.text == "They wait\nfor me"


def test_htmx_gets_the_small_form_again(inside: Browser) -> None:
    wrong = inside.post("/ledarsteg/insights", {"key": "k", "text": "x" * 281, "kind": "observation"}, headers=HTMX)
    assert wrong.status_code == 422
    assert "You wrote 281." in wrong.text
    assert "x" * 281 in wrong.text
    answer = inside.post("/ledarsteg/insights", {"key": "k", "text": "x" * 280, "kind": "observation"}, headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Written down." in answer.text
    assert "xxx" not in answer.text
    assert 'value="k"' not in answer.text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": ""}, "text"), ({"text": " \r\n "}, "text"), ({"text": "a\0b"}, "text"), ({"text": "half \ufffd pair"}, "text"),
        ({"kind": "vision"}, "kind"), ({"kind": ""}, "kind"), ({"habit": str(uuid.uuid4())}, "habit"), ({"habit": "x" * 1000}, "habit"),
        ({"text": "x" * 281}, "text"),
    ],
)  # fmt: skip
def test_an_insight_that_cannot_be_kept_keeps_what_was_typed(
    world: World, inside: Browser, karin: Member, fields: dict[str, str], field: str
) -> None:
    make(world, karin)
    answer = inside.post("/ledarsteg/insights", {"key": "k", "text": "They wait", "kind": "observation", **fields})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "Everything you wrote is still here." in answer.text
    if field != "text":
        assert "They wait</textarea>" in answer.text
    assert rows(world, Insight) == []


def test_sharing_an_insight_says_who_sees_it(world: World, inside: Browser, karin: Member) -> None:
    there = capture(world, karin)
    for state, said in (("on", "You and the coaches of the course see it."), ("off", "Only you see it.")):
        assert inside.post(f"/ledarsteg/insights/{there}/share", {"shared": state}).status_code == 303
        assert said in visible(inside.get("/ledarsteg/insights").text)


def test_a_coach_reads_what_is_shared_and_leaves_a_trace(world: World, course: Course, karin: Member) -> None:
    shown = capture(world, karin, "They wait <for> me")
    capture(world, karin, "Kept to myself", key="other")
    coach = world.enter(course, Role.COACH, "Amira Haddad")
    assert f"{coach.path}/ledarsteg/shared-with-coaches" in coach.get("/cohort").text
    assert "Nobody shares any of it just now." in coach.get("/ledarsteg/shared-with-coaches").text
    with world.core.units.writing():
        insights.share_insight(owner_of(karin), shown, on=True)
    text = coach.get("/ledarsteg/shared-with-coaches").text
    assert "They wait &lt;for&gt; me" in text
    assert "Kept to myself" not in text
    with world.core.units.writing():
        insights.share_insight(owner_of(karin), shown, on=False)
    assert "They wait" not in coach.get("/ledarsteg/shared-with-coaches").text
    with world.core.units.reading() as unit:
        seen = unit.session.scalars(
            sa.select(AuditEvent.subject_id).where(AuditEvent.action == "ledarsteg.view_insights")
        ).all()
    assert seen == [karin.person_id]  # once, while something of hers was there to read
    elsewhere = world.enter(world.course(beside=course), Role.COACH, "Somebody Else")
    assert "Karin" not in elsewhere.get("/ledarsteg/shared-with-coaches").text
    for role in (Role.MANAGER, Role.TRAINING):
        assert world.enter(course, role, "Nobody").get("/ledarsteg/shared-with-coaches").status_code == 403


def test_deleting_is_real_and_can_be_taken_back_from_the_page(world: World, inside: Browser, karin: Member) -> None:
    there = capture(world, karin, 'They "wait"\nfor me')
    answer = inside.post(f"/ledarsteg/insights/{there}/delete")
    assert answer.status_code == 200
    assert rows(world, Insight) == []
    fields = dict(
        re.findall(r'name="(key|text|kind|habit|day)" value="([^"]*)"', answer.text[: answer.text.index("<h1>")])
    )
    assert fields["text"] == "They &#34;wait&#34;\nfor me"
    assert inside.post("/ledarsteg/insights", {**fields, "text": 'They "wait"\nfor me'}).status_code == 303
    assert len(rows(world, Insight)) == 1
    assert inside.post(f"/ledarsteg/insights/{there}/delete").status_code == 404


def test_an_insight_written_again_is_of_no_day_to_come(world: World, inside: Browser) -> None:
    fields = {"key": "k", "text": "later", "kind": "observation", "habit": "none", "day": str(TODAY + timedelta(9))}
    inside.post("/ledarsteg/insights", fields)
    assert [one.local_date for one in rows(world, Insight)] == [TODAY]
    assert inside.post("/ledarsteg/insights", {**fields, "day": "soon"}).status_code == 422


# ---- the Friday review ----


def test_a_review_is_written_read_and_changed(world: World, inside: Browser) -> None:
    form = inside.get(WEEK)
    words = visible(form.text)
    assert "Look back on week 47" in words
    assert words.index("Who sees this?") < words.index("Save")
    assert "8 Friday reviews within 12 weeks" in words
    assert inside.post(WEEK, LOOK).status_code == 303
    words = visible(inside.get("/ledarsteg/reviews").text)
    for said in ("Week 47", "November 16 to November 22", "I asked what she needs", "2 of 5", "5 of 5", "1 of 8 done"):
        assert said in words
    text = inside.get(WEEK).text
    assert 'name="revision" type="hidden" value="1"' in text
    for value in ("A pause", "All week", "One talk"):
        assert f"{value}</textarea>" in text
    assert len(re.findall(r'name="(?:being|doing|sides)" value="[1245]" checked', text)) == 4
    assert inside.post(WEEK, {**LOOK, "being": "none", "revision": "1"}).status_code == 303
    assert [one.being for one in rows(world, Review)] == [None]


def test_two_tabs_on_one_review_show_both_versions(world: World, inside: Browser) -> None:
    inside.post(WEEK, LOOK)
    answer = inside.post(WEEK, {**LOOK, "contribution": "From the other tab"})
    assert answer.status_code == 409
    words = visible(answer.text)
    assert "this was changed in another window meanwhile" in words
    for said in (
        "I asked what she needs",
        "2 of 5. A pause",
        "Hard: I challenged to good work and learning, Soft: I cared about an individual",
    ):
        assert said in words
    assert "From the other tab</textarea>" in answer.text
    assert 'name="revision" type="hidden" value="1"' in answer.text
    assert inside.post(WEEK, {**LOOK, "contribution": "From the other tab", "revision": "1"}).status_code == 303
    with world.core.units.reading() as unit:
        assert [one.contribution for one in unit.session.scalars(sa.select(Review))] == ["From the other tab"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"contribution": "x" * 501}, "contribution"), ({"next_week": "a\0b"}, "next_week"), ({"being": "6"}, "being"), ({"doing": "lots"}, "doing"),
        ({"sides": ["8"]}, "sides"), ({"being_text": "y" * 100_000}, "being_text"),
    ],
)  # fmt: skip
def test_a_review_with_something_wrong_names_it_and_keeps_the_rest(
    world: World, inside: Browser, fields: dict[str, Any], field: str
) -> None:
    answer = inside.post(WEEK, {**LOOK, **fields})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    for name in {"contribution", "next_week", "doing_text"} - {field}:
        assert f"{LOOK[name]}</textarea>" in answer.text
    assert rows(world, Review) == []


def test_a_review_that_says_nothing_is_not_saved(world: World, inside: Browser) -> None:
    answer = inside.post(WEEK, {"revision": "0"})
    assert answer.status_code == 422
    assert "Write or choose something first." in answer.text
    assert rows(world, Review) == []


def test_a_week_that_cannot_be_looked_back_on_says_why(inside: Browser) -> None:
    for path, why in (
        ("/ledarsteg/reviews/2026/48", "from its Friday"),
        ("/ledarsteg/reviews/2026/46", "further back"),
    ):
        page = inside.get(path)
        assert page.status_code == 200
        assert why in page.text
        assert "<textarea" not in page.text
        answer = inside.post(path, LOOK)
        assert answer.status_code == 422
        assert why in answer.text
        assert "I asked what she needs</textarea>" in answer.text


@pytest.mark.parametrize("path", ["2026/54", "2026/0", "0/1", "99999/1", "2026/x"])
def test_a_week_that_is_none_is_not_found(inside: Browser, path: str) -> None:
    assert inside.get(f"/ledarsteg/reviews/{path}").status_code == 404


def test_a_long_imbalance_is_said_to_her_alone(world: World, course: Course, karin: Member, clock: OffsetClock) -> None:
    for week in range(4):
        write(world, karin, LAST_MONDAY + timedelta(weeks=week), being=1, doing=4)
        clock.advance(timedelta(weeks=1))
    said = "Doing has had much more room than being"
    inside = world.enter(course, member=karin)
    for path in ("/ledarsteg/journal", "/ledarsteg/reviews"):
        assert said in inside.get(path).text
    for role, path in ((Role.COACH, "/cohort"), (Role.TRAINING, "/cohort")):
        assert said not in world.enter(course, role, "Somebody").get(path).text


def test_a_missed_week_is_offered_until_thursday(world: World, course: Course, inside: Browser, karin: Member) -> None:
    words = visible(inside.get("/ledarsteg/journal").text)
    assert "The next one comes on Friday. Week 47 can still be written until Thursday, November 26." in words
    write(world, karin)
    assert "Week 47 is written." in visible(inside.get("/ledarsteg/journal").text)


# ---- the own page ----


def test_the_own_page_offers_the_review_from_friday_to_sunday(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    make(world, karin)
    offer = "Look back on the week"
    words = visible(world.enter(course, member=karin).get("/").text)
    assert "Friday, November 27 Friday review, five minutes 0 of 8 done" in words
    assert offer not in words
    for day in range(3):
        clock.put(datetime(2026, 11, 27 + day, 8, tzinfo=UTC))
        assert offer in visible(world.enter(course, member=karin).get("/").text)
    write(world, karin, LAST_MONDAY + timedelta(7))
    assert "Friday review" not in visible(world.enter(course, member=karin).get("/").text)
    clock.put(datetime(2026, 11, 30, 8, tzinfo=UTC))
    words = visible(world.enter(course, member=karin).get("/").text)
    assert "Friday, December 4 Friday review, five minutes 1 of 8 done" in words
    assert offer not in words


def test_the_first_day_is_left_to_the_first_things(inside: Browser) -> None:
    words = visible(inside.get("/").text)
    assert "Next in your small steps" not in words


def test_not_now_puts_the_aha_away(world: World, inside: Browser, karin: Member) -> None:
    make(world, karin)
    assert "What is the core of leading?" in visible(inside.get("/").text)
    assert inside.post("/ledarsteg/journal/later", {"offer": "aha"}).location == inside.path + "/"
    assert "What is the core of leading?" not in visible(inside.get("/").text)
    assert inside.post("/ledarsteg/journal/later", {"offer": "everything"}).status_code == 404


def test_at_most_three_lines_and_one_statement(world: World, course: Course, karin: Member, clock: OffsetClock) -> None:
    later = world.course(beside=course, plugins={"ledarsteg": {"term_ends_on": "2026-11-30"}})
    make(world, karin)
    member = world.member(later, person=karin.person)
    make(world, member)
    clock.advance(FRIDAY)
    inside = world.enter(later, member=member)
    text = inside.get("/").text
    card = text[text.index('id="ledarsteg-next"') : text.index('id="ledarsteg-insight"')]
    assert card.count('class="what"') == 3
    assert [words in card for words in ("Friday review", "The term ends", "core of leading", "Take habits along")] == [
        True,
        True,
        True,
        False,
    ]
    import plugins.ledarsteg.cards.next_up as card_module

    assert card_module.MOST == 3
    with world.core.units.reading(), counting(world) as counted:
        from plugins.ledarsteg.operations.journal import standing

        standing(owner_of(member), TODAY + timedelta(6))
    assert len(counted) == 1


# ---- the Aha exercise ----


def texts_of(world: World, course: Course, **written: str) -> None:
    training = world.member(course, Role.TRAINING, "Johan Ekström")
    actor = Actor(course.organisation.id, training.person_id, "training", course.cohort.id)
    with world.core.units.writing():
        for slot, body in written.items():
            library.write_slot(actor, Slot(slot), "sv", body, 0)


def test_the_exercise_ends_in_an_aha_and_keeps_nothing_else(world: World, course: Course, inside: Browser) -> None:
    first = inside.get("/ledarsteg/aha")
    assert first.status_code == 200
    assert "core model" not in first.text.lower()  # nothing is invented where nothing is written
    week = "Status meeting\r\nA talk with Anna\r\n\r\nMail\r\nMail"
    second = inside.post("/ledarsteg/aha", {"part": "week", "week": week})
    assert re.findall(r'name="core" value="(\d)"', second.text) == ["0", "1", "2"]
    back = inside.post("/ledarsteg/aha", {"part": "again", "week": week})
    assert back.status_code == 200
    assert "A talk with Anna" in back.text
    third = inside.post("/ledarsteg/aha", {"part": "core", "week": week, "core": ["1", "99"]})
    words = visible(third.text)
    assert "1 of 3 things is the core of leading" in words or "1 of 3 things are the core of leading" in words
    assert words.index("A talk with Anna") < words.index("The rest") < words.index("Status meeting")
    wrong = inside.post("/ledarsteg/aha", {"part": "aha", "week": week, "core": ["1"], "text": "x" * 281, "key": "k"})
    assert wrong.status_code == 422
    assert "You wrote 281." in wrong.text
    assert re.findall(r'name="core" value="(\d)"', wrong.text) == ["1"]
    fields = {"part": "aha", "week": week, "core": ["1"], "text": "The talks are it", "key": "k"}
    for _ in range(2):
        answer = inside.post("/ledarsteg/aha", fields)
        assert (answer.status_code, answer.location) == (303, inside.path + "/ledarsteg/aha/done")
    (one,) = rows(world, Insight)
    with world.core.units.reading():
        assert (one.text, one.kind, one.shared) == ("The talks are it", InsightKind.CROSSROADS, False)
    words = visible(inside.get("/ledarsteg/aha/done").text)
    assert (
        words.index("The talks are it")
        < words.index("Make a step of your own")
        < words.index("See steps to begin from")
    )


def test_the_exercise_shows_the_organisations_own_texts(world: World, course: Course, inside: Browser) -> None:
    texts_of(world, course, first_week="Veckans **mening**", challenges="- Tiden", core_model="Att vara <b>ledare</b>")
    first = inside.get("/ledarsteg/aha").text
    assert '<div class="sv-prose" lang="sv"><p>Veckans <strong>mening</strong></p>' in first
    assert "<li>Tiden</li>" in first
    assert "This text is not there in your language. It is shown in Swedish." in first
    second = inside.post("/ledarsteg/aha", {"part": "week", "week": "Mail"}).text
    assert "Att vara &lt;b&gt;ledare&lt;/b&gt;" in second
    assert "Veckans" not in second
    assert '<div class="sv-prose" lang="sv"><p>Veckans <strong>mening</strong></p>' in inside.get("/").text


def test_the_organisations_texts_stand_where_they_belong(world: World, course: Course, inside: Browser) -> None:
    assert "sv-prose" not in inside.get("/ledarsteg/new").text + inside.get("/ledarsteg/balance").text
    texts_of(world, course, core_model="Grundmodellen", tough_care="Både krav och omsorg")
    new, balance = inside.get("/ledarsteg/new").text, inside.get("/ledarsteg/balance").text
    assert "<summary>The core model</summary>" in new
    assert '<div class="sv-prose" lang="sv"><p>Grundmodellen</p>' in new
    assert '<div class="sv-prose" lang="sv"><p>Både krav och omsorg</p>' in balance
    assert "omsorg</p>" not in new


def test_the_exercise_begins_from_her_own_time_audit(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    things = ["Status meeting", "", "Status meeting", *(f"Round {number}" for number in range(30))]
    with world.core.units.writing() as unit:
        audit = TimeAudit(cohort_id=karin.cohort_id, person_id=karin.person_id, number=1, first_day=TODAY)
        unit.session.add(audit)
        unit.session.flush()
        for minute, what in enumerate(things):
            unit.session.add(TimeRow(
                audit_id=audit.id, person_id=karin.person_id, local_date=TODAY, starts_at=minute, minutes=30,
                category="meetings", challengeable=False, what=what, created_at=unit.now(),
            ))  # fmt: skip
    inside = world.enter(course, member=karin)
    text = inside.get("/ledarsteg/aha").text
    filled = re.findall(r"<textarea[^>]*>([^<]*)</textarea>", text)[0]
    assert filled.strip().split("\n") == ["Status meeting", *(f"Round {number}" for number in range(19))]
    assert "See the time audit" in text
    assert inside.post("/ledarsteg/aha", {"part": "week", "week": filled}).status_code == 200
    clock.advance(timedelta(days=14))
    text = world.enter(course, member=karin).get("/ledarsteg/aha").text
    assert "Status meeting" not in text
    assert "See the time audit" not in text


@pytest.mark.parametrize(
    "week", ["", " \r\n ", "a\0b", "\n".join(f"thing {number}" for number in range(21)), "x" * 20_000]
)
def test_a_week_that_cannot_be_looked_through_is_shown_again(inside: Browser, week: str) -> None:
    for part in ("week", "core"):
        answer = inside.post("/ledarsteg/aha", {"part": part, "week": week})
        assert answer.status_code == 422
        assert 'id="week-error"' in answer.text
        if week.strip() and "\0" not in week:
            assert week.strip() in answer.text


# ---- the end of a term ----


def test_the_end_of_a_term(world: World, inside: Browser, karin: Member) -> None:
    keep, up, end = make(world, karin, "Keep me"), make(world, karin, "Raise me"), make(world, karin, "End me")
    assert "Keep, raise or finish" in visible(inside.get("/ledarsteg/term").text)
    fields = {"revision": "0", "why": "It helps"}
    answer = inside.post(f"/ledarsteg/term/{keep.id}", {**fields, "choice": "keep"})
    assert answer.location == f"{inside.path}/ledarsteg/term#habit-{keep.id}"
    answer = inside.post(f"/ledarsteg/term/{up.id}", {**fields, "choice": "raise"})
    assert answer.location == f"{inside.path}/ledarsteg/{up.id}/change"
    assert inside.get(f"/ledarsteg/{up.id}/change").status_code == 200
    inside.post(f"/ledarsteg/term/{end.id}", {**fields, "choice": "retire"})
    words = visible(inside.get("/ledarsteg/term").text)
    for said in ("Keep it : It helps", "Raise it : It helps", "Finish it : It helps", "Decided November 24."):
        assert said in words
    assert inside.post(f"/ledarsteg/term/{end.id}/undo").status_code == 303
    assert {habit.title_sealed: habit.retired_on for habit in rows(world, Habit)}[end.title_sealed] is None


def test_two_tabs_that_decide_differently(world: World, inside: Browser, karin: Member) -> None:
    habit = make(world, karin, "Ask first")
    inside.post(f"/ledarsteg/term/{habit.id}", {"revision": "0", "choice": "keep", "why": "It helps"})
    answer = inside.post(f"/ledarsteg/term/{habit.id}", {"revision": "0", "choice": "retire", "why": "It does not"})
    assert answer.status_code == 409
    assert "Saved is “Keep it: It helps”." in visible(answer.text)
    assert "It does not</textarea>" in answer.text
    assert 'name="revision" value="1"' in answer.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"choice": "forget"}, "That answer could not be read."),
        ({"choice": ""}, "That answer could not be read."),
        ({"choice": "keep", "why": "x" * 501}, "You wrote 501."),
    ],
)
def test_a_decision_that_cannot_be_read(
    world: World, inside: Browser, karin: Member, fields: dict[str, str], said: str
) -> None:
    habit = make(world, karin)
    answer = inside.post(f"/ledarsteg/term/{habit.id}", {"revision": "0", "why": "kept text", **fields})
    assert answer.status_code == 422
    assert said in answer.text
    assert (fields.get("why") or "kept text") + "</textarea>" in answer.text


def test_a_habit_finished_elsewhere_is_not_decided_about(
    world: World, course: Course, inside: Browser, karin: Member, clock: OffsetClock
) -> None:
    habit = make(world, karin)
    with world.core.units.writing():
        term.decide(owner_of(karin), habit.id, Choice.RETIRE, "", 0)
    assert inside.post(f"/ledarsteg/term/{habit.id}", {"revision": "1", "choice": "keep"}).status_code == 422
    clock.advance(timedelta(days=1))
    answer = world.enter(course, member=karin).post(f"/ledarsteg/term/{habit.id}/undo")
    assert answer.status_code == 422
    assert "earlier day" in answer.text


def test_without_a_habit_the_end_of_the_term_says_what_it_is_for(inside: Browser) -> None:
    assert "you decide here at the end of the term" in inside.get("/ledarsteg/term").text


# ---- earlier courses ----


@pytest.fixture
def before(world: World, course: Course, karin: Member) -> Habit:
    """A habit, a review and an insight in the course."""
    habit = make(world, karin, "Walk the round", shared=True)
    write(world, karin, contribution="My contribution", sides=1, being=3)
    capture(world, karin, "They wait for me")
    return habit


@pytest.fixture
def later(world: World, course: Course, karin: Member, before: Habit) -> Browser:
    """Karin in next term's course."""
    return world.enter(
        there := world.course("Next term", beside=course), member=world.member(there, person=karin.person)
    )


def test_earlier_courses_are_read_and_a_habit_taken_along(
    world: World, course: Course, later: Browser, before: Habit
) -> None:
    home = visible(later.get("/").text)
    assert "Take habits along 1 habit to choose from" in home
    words = visible(later.get("/ledarsteg/archive").text)
    assert "1 habit, 1 review, 1 insight, 0 time audits" in words
    text = later.get(f"/ledarsteg/archive/{course.cohort.id}").text
    for said in ("Walk the round", "My contribution", "3 of 5", "They wait for me", "Hard: I challenged"):
        assert said in visible(text)
    main = text[text.index("<main") : text.index("</main")]
    assert "<form" not in main  # read only
    assert "<textarea" not in main
    for _ in range(2):
        answer = later.post(f"/ledarsteg/archive/habits/{before.id}")
        assert answer.status_code == 303
    assert "Walk the round" in later.get(answer.location.removeprefix(later.path)).text
    assert "Goes on here" in later.get("/ledarsteg/archive").text
    assert len(rows(world, Habit)) == 2


def test_taking_along_says_when_there_is_no_room(world: World, course: Course, karin: Member, before: Habit) -> None:
    there = world.course(beside=course, plugins={"ledarsteg": {"max_active_first_month": 1}})
    member = world.member(there, person=karin.person)
    make(world, member)
    answer = world.enter(there, member=member).post(f"/ledarsteg/archive/habits/{before.id}")
    assert answer.status_code == 422
    assert "at most 1 in the first month" in answer.text


def test_no_coach_old_or_new_sees_an_archive(world: World, course: Course, later: Browser, before: Habit) -> None:
    assert later.member is not None
    coach = world.enter(
        Course(course.organisation, course.platform, course.deployment, later.member.cohort), Role.COACH, "New Coach"
    )
    assert "Walk the round" not in coach.get("/cohort").text
    for path in ("/ledarsteg/archive", f"/ledarsteg/archive/{course.cohort.id}"):
        assert coach.get(path).status_code == 403
        assert world.enter(course, Role.COACH, "Old Coach").get(path).status_code == 403


def test_nothing_earlier_says_so(inside: Browser) -> None:
    assert "You have written nothing in another course." in inside.get("/ledarsteg/archive").text


# ---- whose pages, and in which languages ----

PATHS = ["journal", "insights", "reviews", "reviews/2026/47", "aha", "aha/done", "term", "archive", "steps"]


@pytest.mark.parametrize("locale", ["sv", "en", "lv"])
def test_every_language_shows_every_page(
    world: World, course: Course, karin: Member, before: Habit, locale: str
) -> None:
    with world.core.units.writing():
        term.decide(owner_of(karin), before.id, Choice.RAISE, "Why not", 0)
    inside = world.enter(course, member=karin, locale=locale)
    for path in PATHS:
        answer = inside.get(f"/ledarsteg/{path}")
        assert answer.status_code == 200, path
        assert f'<html lang="{locale}"' in answer.text


@pytest.mark.parametrize("role", [Role.COACH, Role.TRAINING])
def test_others_have_no_journal_here(world: World, course: Course, role: Role) -> None:
    inside = world.enter(course, role, "Amira Haddad")
    for path in PATHS:
        assert inside.get(f"/ledarsteg/{path}").status_code == 403


def test_another_managers_things_are_not_found(world: World, course: Course, karin: Member, before: Habit) -> None:
    there = capture(world, karin, "second", key="other")
    for where in (course, world.course(beside=course), world.course()):
        somebody = world.enter(where, Role.MANAGER, "Peter Nyström")
        for path in (
            f"term/{before.id}",
            f"term/{before.id}/undo",
            f"insights/{there}/share",
            f"archive/habits/{before.id}",
        ):
            assert (
                somebody.post(f"/ledarsteg/{path}", {"choice": "keep", "revision": "0", "shared": "on"}).status_code
                == 404
            ), path
        assert somebody.post(f"/ledarsteg/term/{before.id}", {"choice": "x"}).status_code == 404
        assert somebody.post(f"/ledarsteg/insights/{there}/delete").status_code == 404
        assert somebody.get(f"/ledarsteg/archive/{course.cohort.id}").status_code == 404
        assert "I asked first" not in somebody.get(WEEK).text
    assert len(rows(world, Insight)) == 2
