"""Fetching a file: one press, one ticket, one download; what is looked at, guessed, used or late gets nothing."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from service.access import Role
from service.exports import tickets
from service.exports.models import ExportTicket
from tests.service.exports.conftest import ask, file_of, ticket
from tests.service.exports.test_exports import denied
from tests.support import BASE, parts


@pytest.fixture
def row(coach, do_jobs, only):
    ask(coach)
    do_jobs()
    return only()


def test_a_ticket_is_good_for_one_download(coach, row, only, app):
    address = ticket(coach, row)
    assert only().downloads_left == 3
    assert coach.get(address).status_code == 200
    assert only().downloads_left == 2
    assert coach.get(address).status_code == 410
    assert only().downloads_left == 2
    assert denied(app) == [("used", str(row.id))]


def test_looking_and_fetching_ahead_use_nothing_up(coach, row, only):
    address = ticket(coach, row)
    looked = coach.client.head(coach.path + address, base_url=BASE)
    assert (looked.status_code, looked.data, looked.headers["Content-Length"]) == (200, b"", str(row.size))
    for header in ("Sec-Purpose", "Purpose"):
        assert coach.get(address, headers={header: "prefetch;prerender"}).status_code == 503
    assert only().downloads_left == 3
    assert coach.get(address).status_code == 200


def test_a_ticket_lasts_a_minute(coach, row, only, clock, app):
    address = ticket(coach, row)
    clock.advance(timedelta(seconds=61))
    assert coach.get(address).status_code == 410
    assert only().downloads_left == 3
    assert denied(app) == [("ticket_expired", str(row.id))]
    clock.advance(timedelta(days=2))
    assert tickets.purge(parts(app).units) == 1


def test_a_guessed_ticket_and_another_launch_s_are_none(world, course, coach, row, only, app):
    address = ticket(coach, row)
    again = world.enter(course, member=coach.member)
    colleague = world.enter(course, Role.COACH, "Bo")
    assert coach.get("/exports/fetch/" + "A" * 43).status_code == 404
    assert coach.get("/exports/fetch/" + "A" * 65).status_code == 404
    for other in (again, colleague):
        assert other.get(address).status_code == 404
    assert denied(app) == [("not_found", "")] * 3
    assert coach.get(address).status_code == 200


def test_a_file_that_is_due_goes_to_nobody_even_with_a_ticket(coach, row, clock, app, settings):
    address = ticket(coach, row)
    with parts(app).units.writing() as unit:
        unit.session.get_one(type(row), row.id).expires_at = unit.now()
    assert coach.get(address).status_code == 410
    assert coach.post(file_of(row)).status_code == 410
    assert denied(app) == [("expired", str(row.id))] * 2


def test_a_file_that_is_lost_costs_no_download(coach, row, only, settings, app):
    address = ticket(coach, row)
    (settings.export_dir / row.file_key).unlink()
    assert coach.get(address).status_code == 410
    assert only().downloads_left == 3
    assert denied(app) == [("lost", str(row.id))]


@pytest.mark.parametrize("bad", [b"half", b""])
def test_a_file_that_is_not_what_was_written_is_never_whole(coach, row, settings, bad):
    from service.exports.store import Damaged

    (settings.export_dir / row.file_key).write_bytes(bad)
    with pytest.raises(Damaged):
        coach.get(ticket(coach, row)).get_data()


def test_two_at_once_get_one_download(coach, row, only, app):
    addresses = [ticket(coach, row)] * 6
    ready, codes = threading.Barrier(len(addresses)), []

    def run(address: str) -> None:
        client = app.test_client()
        for cookie in coach.client._cookies.values():
            client._cookies[cookie._storage_key] = cookie
        ready.wait()
        answer = client.get(coach.path + address, base_url=BASE)
        answer.get_data()
        codes.append(answer.status_code)

    threads = [threading.Thread(target=run, args=(address,)) for address in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200] + [410] * 5
    assert only().downloads_left == 2


def test_the_ticket_itself_is_nowhere_kept(coach, row, app):
    address = ticket(coach, row)
    with parts(app).units.reading() as unit:
        kept = unit.session.scalars(sa.select(ExportTicket)).one()
    assert kept.token_hash not in address
    assert len(kept.token_hash) == 64
