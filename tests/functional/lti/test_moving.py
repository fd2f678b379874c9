"""An LMS that changes its address: people and what they wrote stay, the old address is refused."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result

from service.audit import AuditEvent
from service.cohorts.models import Cohort, Launch, Person
from service.demo.config import LmsConfig
from service.demo.lms import running
from service.demo.practice import PracticeLms
from service.lti import moving
from service.lti.item_models import ResourceLink
from service.lti.models import Deployment, Platform, PlatformKeys
from service.lti.moving import Way
from service.lti.note_models import KeysFetched
from service.lti.platform_cli import platform
from service.lti.service_models import AccessToken, LineItem, PlatformHealth, RosterEntry, RosterState, RosterSync
from service.settings import Settings
from tests.functional.lti.support import SECOND_DEPLOYMENT, TOOL, Lti, accepted, refused
from tests.support import BASE, parts

NAMES = ("issuer", "auth_login_url", "token_url", "jwks_url")


@pytest.fixture
def run(settings: Settings) -> Callable[..., Result]:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(platform, list(arguments), obj=lambda: settings)

    return invoke


@pytest.fixture
def moved_lms() -> Iterator[PracticeLms]:
    """The same school at another address."""
    with running(LmsConfig("http://localhost:0", TOOL, (SECOND_DEPLOYMENT,))) as lms:
        yield lms


def to(lms: PracticeLms, **changes: str) -> list[str]:
    base = lms.base_url
    values = {
        "--issuer": base, "--auth-url": f"{base}/auth", "--token-url": f"{base}/token", "--jwks-url": f"{base}/jwks",
        **{"--" + name.replace("_", "-"): value for name, value in changes.items()},
    }  # fmt: skip
    return [part for option, value in values.items() for part in (option, value)]


def test_people_keep_their_ids_after_launching_from_the_new_address(
    run: Callable[..., Result], lti: Lti, moved_lms: PracticeLms
) -> None:
    inside = lti.browser()
    first = accepted(lti.launch(inside))
    person, cohort, deployment = lti.only(Person).id, lti.only(Cohort).id, lti.all(Deployment)[0].id
    public_id = lti.only(Platform).public_id
    assert inside.get(f"/l/{first}/who", base_url=BASE).status_code == 200

    result = run("move", public_id, *to(moved_lms))
    assert result.exit_code == 0, result.output
    assert "Open visits ended: 1" in result.output
    lti.forget()

    assert inside.get(f"/l/{first}/who", base_url=BASE).status_code == 401
    answer = lti.login(lti.browser())
    assert answer.status_code == 401
    assert lti.counted("E-LAUNCH", "unknown_issuer") == 1

    there = replace(lti, lms=moved_lms)
    again = accepted(there.launch())
    row = next(launch for launch in lti.all(Launch) if launch.id == again)
    assert (row.person_id, row.cohort_id, row.deployment_id) == (person, cohort, deployment)
    assert [one.id for one in lti.all(Person)] == [person]
    assert lti.only(Platform).public_id == public_id
    assert [event.object_ref for event in lti.all(AuditEvent) if event.action == "platform.move"] == [
        str(lti.platform_id)
    ]


def test_a_launch_begun_before_the_move_is_refused_after_it(
    run: Callable[..., Result], lti: Lti, moved_lms: PracticeLms
) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    answered = lti.answered(begun)
    assert run("move", lti.only(Platform).public_id, *to(moved_lms)).exit_code == 0
    lti.forget()
    # The old platform signs with keys that the new address does not publish.
    refused(lti, lambda: lti.post(client, answered), "kid_unknown")


def test_what_was_known_of_the_old_address_is_rewritten_or_forgotten(
    run: Callable[..., Result], lti: Lti, moved_lms: PracticeLms
) -> None:
    accepted(lti.launch())
    old, new, now = lti.lms.base_url, moved_lms.base_url, parts(lti.app).units.clock.now()
    cohort, deployment = lti.only(Cohort), lti.all(Deployment)[0]
    with parts(lti.app).units.writing() as unit:
        found = unit.session.get_one(Cohort, cohort.id)
        found.memberships_url, found.lineitems_url = f"{old}/nrps/2?a=b", "https://grades.example.org/items"
        unit.session.get_one(Deployment, deployment.id).notices_url = f"{old}x/notices"
        for row in (
            LineItem(cohort_id=cohort.id, plugin="ledarsteg", url=f"{old}/ags/7?type_id=1"),
            ResourceLink(deployment_id=deployment.id, link_id="uppfunnen", cohort_id=cohort.id, lineitem_url=f"{old}/ags/8", seen_at=now),
            RosterSync(cohort_id=cohort.id, state=RosterState.RUNNING, run=uuid.uuid4(), next_url=f"{old}/nrps/2?page=2", pages=1, members=100),
            RosterEntry(cohort_id=cohort.id, sub="x", run=uuid.uuid4(), role="manager", person_id=uuid.uuid4(), member_id=uuid.uuid4()),
            AccessToken(platform_id=lti.platform_id, scopes_hash=b"x", master="", wrapped=b"", expires_at=now),
            PlatformHealth(platform_id=lti.platform_id, failures=9),
            KeysFetched(platform_id=lti.platform_id, at=now),
        ):  # fmt: skip
            unit.session.add(row)
            unit.session.flush()
    result = run("move", lti.only(Platform).public_id, *to(moved_lms))
    assert result.exit_code == 0, result.output
    cohort = lti.only(Cohort)
    assert cohort.memberships_url == f"{new}/nrps/2?a=b"
    # It never was the platform's own host: it has not moved.
    assert cohort.lineitems_url == "https://grades.example.org/items"
    assert lti.only(LineItem).url == f"{new}/ags/7?type_id=1"
    links = {one.link_id: one.lineitem_url for one in lti.all(ResourceLink)}
    assert links["uppfunnen"] == f"{new}/ags/8"
    assert not any(old in url for url in links.values())
    # Another port that begins with the same digits is another host.
    assert lti.all(Deployment)[0].notices_url == f"{old}x/notices"
    sync = lti.only(RosterSync)
    assert (sync.state, sync.run, sync.next_url, sync.pages) == (RosterState.NEVER, None, "", 0)
    for model in (RosterEntry, AccessToken, PlatformHealth, KeysFetched, PlatformKeys):
        assert lti.all(model) == []
    assert "0 to be learnt" in result.output


def test_another_platforms_things_stay(
    run: Callable[..., Result], lti: Lti, other_lti: Lti, moved_lms: PracticeLms
) -> None:
    accepted(lti.launch())
    accepted(other_lti.launch())
    before = {launch.id: launch.ended_at for launch in lti.all(Launch)}
    assert set(before.values()) == {None}
    assert run("move", f"p{lti.platform_id.hex[:12]}", *to(moved_lms)).exit_code == 0
    assert {launch.platform_id: launch.ended_at is not None for launch in lti.all(Launch)} == {
        lti.platform_id: True, other_lti.platform_id: False,
    }  # fmt: skip
    assert {row.platform_id for row in lti.all(PlatformKeys)} == {other_lti.platform_id}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"issuer": "http://lms.example.org"}, "--issuer"), ({"auth_url": "x"}, "--auth-url"), ({"token_url": "ftp://x"}, "--token-url"),
        ({"jwks_url": "http://localhost:1/jwks"}, "nothing answers"), ({"client_id": "a\nb"}, "--client-id"),
    ],
)  # fmt: skip
def test_a_wrong_address_moves_nothing(
    run: Callable[..., Result], lti: Lti, moved_lms: PracticeLms, changes: dict[str, str], words: str
) -> None:
    row = lti.only(Platform)
    result = run("move", row.public_id, *to(moved_lms, **changes))
    assert result.exit_code == 2
    assert words in result.output
    assert [getattr(lti.only(Platform), name) for name in NAMES] == [getattr(row, name) for name in NAMES]


def test_an_unknown_platform_and_anothers_address(
    run: Callable[..., Result], lti: Lti, other_lti: Lti, moved_lms: PracticeLms
) -> None:
    assert "none of that name" in run("move", "okand", *to(moved_lms)).output
    taken = run("move", f"p{lti.platform_id.hex[:12]}", *to(lti.lms, client_id="annan"))
    assert "already registered" in taken.output
    # To its own address with its own id is no conflict, and another client id may come with it.
    assert run("move", f"p{lti.platform_id.hex[:12]}", *to(lti.lms)).exit_code == 0
    assert run("move", f"p{lti.platform_id.hex[:12]}", *to(lti.lms, client_id="nytt"), "--unchecked").exit_code == 0
    assert {one.client_id for one in lti.all(Platform)} == {"nytt", "annan"}


OLD = [
    "https://old.example/moodle", "https://old.example/moodle/mod/lti/auth.php",
    "https://old.example/moodle/mod/lti/token.php", "https://old.example/moodle/mod/lti/certs.php",
]  # fmt: skip
NEW = [
    "https://new.example", "https://new.example/mod/lti/auth.php", "https://new.example/mod/lti/token.php",
    "https://new.example/mod/lti/certs.php",
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://old.example/moodle/mod/lti/services.php/2/lineitems?type_id=1", "https://new.example/mod/lti/services.php/2/lineitems?type_id=1"),
        ("https://old.example/moodle", "https://new.example"),
        ("https://old.example/moodle?x=1", "https://new.example?x=1"),
        # On the old host and not below the platform: nothing is sent there any more.
        ("https://old.example/moodle2/x", ""),
        ("https://old.example/", ""),
        ("https://old.example.evil.test/moodle/x", "https://old.example.evil.test/moodle/x"),
        ("https://elsewhere.example/x", "https://elsewhere.example/x"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_way_of_an_address(before: str, after: str) -> None:
    assert Way(OLD, NEW).take(before) == after


def test_the_longest_beginning_counts_and_what_has_not_moved_stays() -> None:
    old = ["https://a.example", "https://a.example/auth", "https://a.example/api/token", "https://keys.example/jwks"]
    new = ["https://b.example", "https://b.example/auth", "https://c.example/token", "https://keys.example/jwks"]
    way = Way(old, new)
    assert way.take("https://a.example/api/items") == "https://c.example/items"
    assert way.take("https://a.example/items") == "https://b.example/items"
    assert way.take("https://keys.example/jwks") == "https://keys.example/jwks"


def test_checking_asks_for_no_client_id() -> None:
    moving.check(moving.Address(*NEW), demo=False)
