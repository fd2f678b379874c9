"""Data privacy launch: what is kept about a person, who may see that, and erasing her everywhere or not at all."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from service import audit
from service.access import Role
from service.audit import AuditEvent
from service.cohorts import claims
from service.cohorts.models import Grant, Launch, Member, Person, ProposalLink
from service.contract import ConfidentialText, Erased, PersonalData
from service.crypto import CannotOpen, PersonKey
from service.db import Base
from service.demo.claims import DATA_PRIVACY
from service.exports.models import ExportFile, ExportFormat, ExportState
from service.exports.operations import JOB
from service.jobs import outbox
from service.jobs.models import Job, JobState
from service.lti.item_models import PlacedItem
from service.lti.models import Platform
from service.lti.service_models import Delivery, LineItem, RosterEntry
from tests.functional.lti.support import Lti, accepted, refused
from tests.functional.lti.test_storage import SAME
from tests.plugins.ledarsteg.support import make
from tests.service.cohorts.fakes import plugin, plugins
from tests.support import BASE, Browser, Course, World, parts

MakeApp = Callable[..., Flask]
CODE = "en kod som gäller en gång"
CANARY = "Kanariefågel7Q2X"
HER_SUB, HER_NAME = "unikt-nummer-7731", "Wilhelmina Ögonsten"


def privacy(lti: Lti, person: str, about: Any = None) -> Any:
    client = lti.browser()
    return client, lti.launch(client, lti.fields(person, None, message_type=DATA_PRIVACY, for_user=about))


def person_of(lti: Lti, name: str) -> Person:
    (found,) = [one for one in lti.all(Person) if one.name == name]
    return found


def make_training(lti: Lti, name: str) -> None:
    with parts(lti.app).units.writing() as unit:
        unit.session.add(Grant(
            organisation_id=lti.organisation_id, cohort_id=None, person_id=person_of(lti, name).id, role=Role.TRAINING,
            granted_by=None, granted_at=unit.now(),
        ))  # fmt: skip


@pytest.fixture
def trained(lti: Lti) -> Lti:
    """The administrator is of the training department, and Karin has been here."""
    lti.launch(fields=lti.fields("johan-ekstrom"))
    lti.launch(fields=lti.fields("karin-lindqvist"))
    make_training(lti, "Johan Ekström")
    return lti


# who lands where


def test_training_lands_on_the_person_asked_about(trained: Lti) -> None:
    client, answer = privacy(trained, "johan-ekstrom", "karin-lindqvist")
    assert answer.location == f"/l/{accepted(answer)}/privacy/{person_of(trained, 'Karin Lindqvist').id}"
    page = client.get(answer.location, base_url=BASE)
    assert (page.status_code, "<bdi>Karin Lindqvist</bdi>" in page.text) == (200, True)


def test_training_without_a_person_lands_on_the_whole_organisation(trained: Lti) -> None:
    client, answer = privacy(trained, "johan-ekstrom")
    assert answer.location == f"/l/{accepted(answer)}/privacy"
    assert "Vård och omsorg" in client.get(answer.location, base_url=BASE).text


def test_nothing_is_kept_about_a_stranger(trained: Lti) -> None:
    client, answer = privacy(trained, "johan-ekstrom", "eva-sundin")
    assert answer.location == f"/l/{accepted(answer)}/privacy/nobody"
    page = client.get(answer.location, base_url=BASE)
    assert (page.status_code, "Eva" in page.text) == (200, False)


@pytest.mark.parametrize("person", ["karin-lindqvist", "amira-haddad", "nils-aberg", "johan-ekstrom"])
def test_anybody_may_ask_about_herself(lti: Lti, person: str) -> None:
    client, answer = privacy(lti, person, person)
    assert answer.location == f"/l/{accepted(answer)}/data"
    assert client.get(answer.location, base_url=BASE).status_code == 200


@pytest.mark.parametrize("person", ["karin-lindqvist", "amira-haddad", "nils-aberg"])
@pytest.mark.parametrize("about", ["eva-sundin", None])
def test_nobody_else_may_ask_about_others(lti: Lti, person: str, about: str | None) -> None:
    refused(
        lti, lambda: privacy(lti, person, about)[1], "privacy_role", audited_as="role", code="E-FORBIDDEN", status=403
    )  # fmt: skip
    event = next(one for one in lti.all(AuditEvent) if one.outcome == "deny")
    assert (event.action, event.reason) == ("privacy", "role")


def test_an_administrator_proves_first_that_she_is_of_the_training_department(lti: Lti) -> None:
    lti.launch(fields=lti.fields("karin-lindqvist"))
    lti.change(Platform, training_code_hash=claims.digest(CODE))
    client, answer = privacy(lti, "johan-ekstrom", "karin-lindqvist")
    launch_id = accepted(answer)
    (onward,) = parse_qs(urlsplit(answer.location).query)["next"]
    assert client.get(f"/l/{launch_id}{onward}", base_url=BASE).status_code == 403
    page = client.get(answer.location, base_url=BASE).text
    assert "Karin" not in page
    form = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("csrf_token", "next")}  # type: ignore[index]
    wrong = client.post(f"/l/{launch_id}/claim", data={**form, "code": "fel"}, base_url=BASE, headers=SAME)
    assert (wrong.status_code, f'name="next" value="{onward}"' in wrong.text) == (422, True)
    right = client.post(f"/l/{launch_id}/claim", data={**form, "code": CODE}, base_url=BASE, headers=SAME)
    assert right.location == f"/l/{launch_id}{onward}"
    assert "Karin Lindqvist" in client.get(right.location, base_url=BASE).text


@pytest.mark.parametrize("onward", ["//evil.example/", "/../../healthz", "@evil.example", "?x", "/absent"])
def test_the_proof_leads_nowhere_else(lti: Lti, onward: str) -> None:
    lti.change(Platform, training_code_hash=claims.digest(CODE))
    client, answer = privacy(lti, "johan-ekstrom", "karin-lindqvist")
    launch_id = accepted(answer)
    page = client.get(answer.location, base_url=BASE).text
    token = re.search(r'name="csrf_token" value="([^"]*)"', page)[1]  # type: ignore[index]
    form = {"csrf_token": token, "next": onward, "code": CODE}
    right = client.post(f"/l/{launch_id}/claim", data=form, base_url=BASE, headers=SAME)
    assert right.location == f"/l/{launch_id}/"


# what the pages say


def holding(key: str = "one", **hooks: Any) -> Any:
    """A plugin that holds two rows with a word about everybody."""
    rows = {"personal_data": lambda person: [PersonalData(f"{key}_long_note", [{"text": CANARY}, {"text": CANARY}])]}
    return plugin(key, **{**rows, **hooks})


def setting(make_app: MakeApp, *modules: Any) -> tuple[World, Course, Browser, Member]:
    world = World(make_app(plugins=plugins(*modules)))
    course = world.course()
    karin = world.member(course, Role.MANAGER, "Karin Lindqvist")
    return world, course, world.enter(course, Role.TRAINING, "Johan Ekström"), karin


def table(text: str) -> dict[str, list[str]]:
    """The rows of a page's table: what stands first in each, and the rest."""
    rows = re.findall(r'<tr role="row"><th role="rowheader" scope="row">(.*?)</th>(.*?)</tr>', text, re.DOTALL)
    return {
        name: [re.sub("<[^>]*>", "", one) for one in re.findall(r"<td.*?</td>", rest, re.DOTALL)] for name, rest in rows
    }


def test_training_sees_kinds_and_nothing_of_how_many_or_what_is_in_them(make_app: MakeApp) -> None:
    titled = holding("two", personal_data=lambda person: [PersonalData("two_x", [{"text": CANARY}], "Letters")])
    world, _course, training, karin = setting(make_app, holding(), titled)
    world.enter(_course, member=karin)
    text = training.get(f"/privacy/{karin.person_id}").text
    seen = table(text)
    assert seen["long note"] == seen["Letters"] == ["Is erased"]
    assert [len(cells) for cells in seen.values()] == [1] * len(seen)
    assert CANARY not in text
    with world.core.units.reading() as unit:
        event = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "privacy.view")).one()
    assert (event.actor_id, event.object_ref) == (training.person.id, str(karin.person_id))


def test_training_cannot_tell_who_has_done_much_from_who_has_done_nothing(make_app: MakeApp) -> None:
    world = World(make_app())
    course = world.course()
    training = world.enter(course, Role.TRAINING, "Johan Ekström")
    busy, idle = (world.member(course, Role.MANAGER, name) for name in ("Karin Lindqvist", "Eva Sundin"))
    make(world, busy, CANARY)
    world.enter(course, member=busy)

    def bare(text: str, member: Member, name: str) -> str:
        text = text.replace(str(member.person_id), "ID").replace(name, "NAME")
        return re.sub(r'nonce="[^"]*"', "", text)

    shown = bare(training.get(f"/privacy/{busy.person_id}").text, busy, "Karin Lindqvist")
    assert shown == bare(training.get(f"/privacy/{idle.person_id}").text, idle, "Eva Sundin")
    done = bare(erase(training, busy.person_id).text, busy, "Karin Lindqvist")
    assert done == bare(erase(training, idle.person_id).text, idle, "Eva Sundin")


def test_a_person_sees_how_many_there_are_about_herself(make_app: MakeApp) -> None:
    world, course, _training, karin = setting(make_app, holding())
    text = world.enter(course, member=karin).get("/data").text
    assert table(text)["long note"] == ["2"]
    assert CANARY not in text
    assert f"<bdi>{course.organisation.name}</bdi>" in text


def test_an_incomplete_answer_does_not_look_complete(make_app: MakeApp) -> None:
    def broken(person: Any) -> Any:
        raise RuntimeError(CANARY)

    world, course, training, karin = setting(make_app, holding(personal_data=broken))
    assert training.get(f"/privacy/{karin.person_id}").status_code == 500
    assert world.enter(course, member=karin).get("/data").status_code == 500


def test_the_whole_organisation_is_kinds_and_times(make_app: MakeApp) -> None:
    world = World(app := make_app())
    course = world.course()
    text = world.enter(course, Role.TRAINING, "Johan Ekström").get("/privacy").text
    for known in parts(app).host:
        for rule in known.manifest.retention:
            assert (f": {rule.days} days, counted from" if rule.days else ": deleted at once") in text
    assert "Removed after 7 days." in text
    assert "1 person so far" in text


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COACH, Role.CANDIDATE, Role.NONE])
def test_only_training_opens_the_pages_about_others(make_app: MakeApp, role: Role) -> None:
    world, course, _training, karin = setting(make_app, holding())
    other = world.enter(course, role, "Någon Annan")
    for path in ("/privacy", "/privacy/nobody", f"/privacy/{karin.person_id}"):
        assert other.get(path).status_code == 403
    assert other.post(f"/privacy/{karin.person_id}/erase", {"word": "erase"}).status_code == 403
    assert other.get("/data").status_code == 200


def test_another_organisations_person_is_not_found(make_app: MakeApp) -> None:
    world, _course, training, _karin = setting(make_app, holding())
    stranger = world.member(world.course(), Role.MANAGER, "Otto Annorstädes")
    for person_id in (stranger.person_id, uuid.uuid4()):
        assert training.get(f"/privacy/{person_id}").status_code == 404
        assert training.post(f"/privacy/{person_id}/erase", {"word": "erase"}).status_code == 404


# erasing


def everything(app: Flask) -> str:
    """All rows of all tables as text."""
    with parts(app).units.reading() as unit:
        # Another test's plugin may be known to this process and not to this database.
        present = sa.inspect(unit.session.connection()).get_table_names()
        tables = [table for table in Base.metadata.tables.values() if table.name in present]
        return "\n".join(str(tuple(row)) for known in tables for row in unit.session.execute(sa.select(known)))


def sealed(app: Flask) -> list[tuple[Any, str, uuid.UUID, bytes, uuid.UUID]]:
    """Every sealed value of every plugin: owner, place, row, bytes."""
    found = []
    with parts(app).units.reading() as unit:
        present = sa.inspect(unit.session.connection()).get_table_names()
        for mapper in (one for one in Base.registry.mappers if one.class_.__tablename__ in present):
            texts = {name: one for name, one in vars(mapper.class_).items() if isinstance(one, ConfidentialText)}
            for name, text in texts.items():
                place = f"{mapper.class_.__tablename__}.{name}"
                for row in unit.session.scalars(sa.select(mapper.class_)):
                    value = getattr(row, text.column)
                    if value is not None:
                        found.append((getattr(row, text.owner), place, row.id, value))
    return found  # type: ignore[return-value]


def erase(inside: Browser, person_id: uuid.UUID, word: str = "erase") -> Any:
    return inside.post(f"/privacy/{person_id}/erase", {"word": word})


def test_g60_dpl_erase_leaves_nothing_that_can_be_read(make_app: MakeApp) -> None:
    world = World(app := make_app())
    course = world.course()
    her = world.person(course, HER_NAME, sub=HER_SUB, locale="lv", zone="Europe/Riga")
    member = world.member(course, person=her)
    make(world, member, CANARY)
    hers, other = world.enter(course, member=member), world.member(course, Role.MANAGER, "Eva Sundin")
    make(world, other, "Evas egen vana")
    training = world.enter(course, Role.TRAINING, "Johan Ekström")
    before = [value for value in sealed(app) if value[0] == her.id]
    assert before
    with parts(app).units.reading() as unit:
        assert CANARY in [unit.vault.open(*value) for value in before]
    assert HER_NAME in everything(app)

    done = erase(training, her.id)
    assert done.status_code == 200
    rows = everything(app)
    for gone in (HER_NAME, HER_SUB, CANARY, "Europe/Riga"):
        assert gone not in rows
        assert gone not in done.text
    assert [value for value in sealed(app) if value[0] == her.id] == []
    # A copy of the rows from before opens no more, and nothing new can be sealed for her.
    with parts(app).units.writing() as unit:
        for value in before:
            with pytest.raises(CannotOpen):
                unit.vault.open(*value)
        with pytest.raises(CannotOpen):
            unit.vault.seal(her.id, "ledarsteg_habit.title", uuid.uuid4(), "nytt")
    assert hers.get("/").status_code == 401
    assert "Evas egen vana" in world.enter(course, member=other).get("/ledarsteg/").text
    with parts(app).units.reading() as unit:
        assert audit.verify(unit.session, course.organisation.id) is None
        event = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "person.erase")).one()
        assert (event.actor_id, event.object_type, event.object_ref) == (training.person.id, "person", str(her.id))
    assert training.get(f"/privacy/{her.id}").status_code == 404
    assert erase(training, her.id).status_code == 404


def test_g60_dpl_erase_reaches_every_table_of_the_core(world: World) -> None:
    course = world.course(plugins={})
    her = world.person(course, HER_NAME, sub=HER_SUB)
    member, other = world.member(course, Role.COACH, person=her), world.member(course, Role.MANAGER, "Eva Sundin")
    hers = world.enter(course, member=member)
    training = world.enter(course, Role.TRAINING, "Johan Ekström")
    units, organisation, cohort = world.core.units, course.organisation.id, course.cohort.id
    now = units.clock.now()
    common = {"organisation_id": organisation, "cohort_id": cohort}
    with units.writing() as unit:
        column = LineItem(cohort_id=cohort, plugin="ledarsteg")
        unit.session.add(column)
        unit.session.flush()
        for person in (her, other.person):
            unit.session.add(Grant(**common, person_id=person.id, role=Role.COACH, granted_by=her.id, granted_at=now))
            unit.session.add(Delivery(
                line_item_id=column.id, platform_id=course.platform.id, person_id=person.id, decided_at=now, due_at=now
            ))  # fmt: skip
            unit.session.add(RosterEntry(
                cohort_id=cohort, sub=person.sub, run=uuid.uuid4(), name=person.name, role="manager",
                person_id=uuid.uuid4(), member_id=uuid.uuid4(),
            ))  # fmt: skip
            unit.session.add(ProposalLink(
                cohort_id=cohort, person_id=person.id, source_plugin="a", source_ref=uuid.uuid4(), target_plugin="b",
                target_ref=uuid.uuid4(), at=now,
            ))  # fmt: skip
            unit.session.add(PlacedItem(
                **common, plugin="ledarsteg", key=person.id.hex, path="", title="T", placed_by=person.id, placed_at=now
            ))  # fmt: skip
            for state, until in ((ExportState.DONE, now + timedelta(days=3)), (ExportState.WAITING, None)):
                file = ExportFile(
                    **common, person_id=person.id, role="coach", plugin="core", kind="x", format=ExportFormat.CSV,
                    locale="sv", state=state, downloads_left=3, created_at=now, expires_at=until,
                )  # fmt: skip
                unit.session.add(file)
                unit.session.flush()
                outbox.decide(JOB, file.id, organisation, cohort)
    assert erase(training, her.id).status_code == 200

    def all_of(model: Any) -> list[Any]:
        with units.reading() as unit:
            return list(unit.session.scalars(sa.select(model)))

    def of(model: Any, person: Person) -> list[Any]:
        return [row for row in all_of(model) if row.person_id == person.id]

    for model in (Delivery, ProposalLink):
        assert (len(of(model, her)), len(of(model, other.person))) == (0, 1)
    assert [entry.sub for entry in all_of(RosterEntry)] == [other.person.sub]
    assert {item.placed_by for item in all_of(PlacedItem)} == {None, other.person_id}
    assert all(grant.revoked_at is not None for grant in of(Grant, her))
    assert all(grant.revoked_at is None for grant in of(Grant, other.person))
    assert {(file.state, file.downloads_left, file.expires_at is None or file.expires_at <= units.clock.now()) for file in of(ExportFile, her)} == {
        (ExportState.DONE, 0, True), (ExportState.CANCELLED, 3, True),
    }  # fmt: skip
    assert {(file.state, file.downloads_left) for file in of(ExportFile, other.person)} == {
        (ExportState.DONE, 3), (ExportState.WAITING, 3),
    }  # fmt: skip
    waiting = {file.id for file in of(ExportFile, her) if file.state is ExportState.CANCELLED}
    assert {job.state for job in all_of(Job) if job.subject_id in waiting} == {JobState.CANCELLED}
    assert [one.active for one in of(Member, her)] == [False]
    (launch,) = of(Launch, her)
    assert (launch.ended_at is not None, launch.return_url) == (True, "")
    assert hers.get("/").status_code == 401
    assert [key.wrapped for key in of(PersonKey, her)] == [None]
    (row,) = [one for one in all_of(Person) if one.id == her.id]
    assert (row.name, row.locale, row.zone, row.sub.startswith("erased ")) == ("", "", "", True)


def test_g60_dpl_erase_then_the_same_sub_is_somebody_new(trained: Lti) -> None:
    karin = person_of(trained, "Karin Lindqvist")
    client, answer = privacy(trained, "johan-ekstrom", "karin-lindqvist")
    page = client.get(answer.location, base_url=BASE).text
    token = re.search(r'name="csrf_token" value="([^"]*)"', page)[1]  # type: ignore[index]
    word = "radera" if "radera" in page else "erase"
    done = client.post(
        f"{answer.location}/erase", data={"csrf_token": token, "word": word}, base_url=BASE, headers=SAME
    )  # fmt: skip
    assert done.status_code == 200
    assert privacy(trained, "johan-ekstrom", "karin-lindqvist")[1].location.endswith("/privacy/nobody")
    accepted(trained.launch(fields=trained.fields("karin-lindqvist")))
    again = person_of(trained, "Karin Lindqvist")
    assert again.id != karin.id
    assert again.sub == karin.sub
    location = privacy(trained, "johan-ekstrom", "karin-lindqvist")[1].location
    assert location.endswith(f"/privacy/{again.id}")


def test_g60_dpl_erase_says_what_stays_and_why(make_app: MakeApp) -> None:
    def answered(person: Person) -> list[Erased]:
        return [
            Erased("one_note", 2), Erased("one_frame", 1, "It is the other's too.", "Meetings"),
            Erased("one_none", 0, "It would stay."),
        ]  # fmt: skip

    _world, _course, training, karin = setting(make_app, holding(erase=answered))
    seen = table(erase(training, karin.person_id).text)
    assert seen["note"] == ["Erased"]
    assert seen["Meetings"] == ["StaysIt is the other&#39;s too."]
    assert seen["none"] == ["StaysIt would stay."]
    assert seen["Places in courses"][0].startswith("Stays")


@pytest.mark.parametrize("word", ["", "no", "radera", "\x00", "erase her"])
def test_g60_dpl_erase_needs_the_word(make_app: MakeApp, word: str) -> None:
    world, _course, training, karin = setting(make_app, holding())
    answer = erase(training, karin.person_id, word)
    assert (answer.status_code, "Nothing was erased" in answer.text) == (422, True)
    with world.core.units.reading() as unit:
        assert unit.session.get_one(Person, karin.person_id).name == "Karin Lindqvist"


def test_the_word_may_be_written_as_people_write(make_app: MakeApp) -> None:
    _world, _course, training, karin = setting(make_app, holding())
    assert erase(training, karin.person_id, " Erase ").status_code == 200


def test_g60_dpl_erase_happens_everywhere_or_nowhere(make_app: MakeApp) -> None:
    def broken(person: Any) -> Any:
        raise RuntimeError(CANARY)

    erased: list[uuid.UUID] = []
    world, _course, training, karin = setting(
        make_app, holding(erase=lambda person: [erased.append(person.id), Erased("one_note", 2)][1:]),
        holding("two", erase=broken),
    )  # fmt: skip
    assert erase(training, karin.person_id).status_code == 500
    assert erased == [karin.person_id]
    with world.core.units.reading() as unit:
        row = unit.session.get_one(Person, karin.person_id)
        assert (row.name, row.sub, unit.session.get(PersonKey, karin.person_id)) == (
            karin.person.name,
            karin.person.sub,
            None,
        )
        assert unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "person.erase")).all() == []


def test_the_last_of_the_training_department_is_not_erased(make_app: MakeApp) -> None:
    world, course, training, _karin = setting(make_app, holding())
    answer = erase(training, training.person.id)
    assert (answer.status_code, "last member of the training department" in answer.text) == (422, True)
    assert training.get("/privacy").status_code == 200
    second = world.enter(course, Role.TRAINING, "Maria Ask")
    done = erase(training, training.person.id)
    assert (done.status_code, "this visit has ended" in done.text) == (200, True)
    assert training.get("/privacy").status_code == 401
    assert erase(second, second.person.id).status_code == 422


def test_who_asks_finds_the_pages_without_the_platforms_help(make_app: MakeApp) -> None:
    """Moodle has no function for data privacy: the page of people leads there, and everybody's page to her own."""
    world, course, training, karin = setting(make_app, holding())
    about = f'href="{training.path}/privacy/{karin.person_id}"'
    assert about in training.get("/members").text
    assert f'href="{training.path}/privacy"' in training.get("/who").text
    hers = world.enter(course, member=karin)
    who = hers.get("/who").text
    assert (f'href="{hers.path}/data"' in who, f'href="{hers.path}/privacy"' in who) == (True, False)
    assert erase(training, karin.person_id).status_code == 200
    page = training.get("/members").text
    assert about not in page
    assert "erased" in re.sub("<[^>]*>", " ", page)
