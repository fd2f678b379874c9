"""Files in an object store, against a real S3 API server on loopback."""

import hashlib
import uuid

import boto3
import pytest
from moto.server import ThreadedMotoServer

from service.exports.models import ExportState
from service.exports.store import LocalStore, ObjectStore, open_store
from service.jobs import periodic
from tests.service.exports import rows_plugin
from tests.service.exports.conftest import ask, fetch, ticket
from tests.support import BASE, parts

BUCKET = "files"


@pytest.fixture(scope="module")
def server():
    """The address of an S3 server."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server):
    """The bucket as anybody else sees it."""
    amazon = boto3.resource(
        "s3", endpoint_url=server, region_name="eu-north-1", aws_access_key_id="id", aws_secret_access_key="secret"
    )
    made = amazon.create_bucket(
        Bucket=f"{BUCKET}-{uuid.uuid4()}", CreateBucketConfiguration={"LocationConstraint": "eu-north-1"}
    )
    yield made
    made.objects.delete()
    made.delete()


@pytest.fixture
def settings(settings, bucket, server):
    """Settings that name the bucket, and a folder in it."""
    changes = {
        "export_store": f"s3://{bucket.name}/stegvis/exports", "export_store_endpoint": server,
        "export_store_region": "eu-north-1", "export_store_key_id": "id", "export_store_secret": type(settings.master_key)("secret"),
    }  # fmt: skip
    return settings.model_copy(update=changes)


@pytest.fixture
def app(make_app, settings):
    rows_plugin.rows_wanted = 7
    return make_app(plugins={"rows": rows_plugin}, settings=settings)


def names(bucket) -> list[str]:
    return [found.key for found in bucket.objects.all()]


def test_an_export_goes_to_the_bucket_and_comes_through_us(coach, do_jobs, only, bucket, settings, app, clock):
    from datetime import timedelta

    ask(coach, "rows.all")
    do_jobs()
    row = only()
    assert row.state is ExportState.DONE
    assert names(bucket) == [f"stegvis/exports/{row.file_key}"]
    assert list(settings.export_dir.iterdir()) == []
    answer = fetch(coach, row)
    assert (answer.status_code, len(answer.data)) == (200, row.size)
    assert hashlib.sha256(answer.data).hexdigest() == row.sha256
    assert "Location" not in answer.headers
    clock.advance(timedelta(days=8))
    periodic.run(parts(app).units, settings)
    assert names(bucket) == []
    assert only().state is ExportState.GONE


def test_another_s_bytes_under_the_name_are_never_a_whole_file(coach, do_jobs, only, bucket):
    from service.exports.store import Damaged

    ask(coach, "rows.all")
    do_jobs()
    bucket.put_object(Key=names(bucket)[0], Body=b"x" * only().size)
    with pytest.raises(Damaged):
        coach.get(ticket(coach, only())).get_data()


def test_a_file_gone_from_the_bucket_costs_no_download(coach, do_jobs, only, bucket):
    ask(coach, "rows.all")
    do_jobs()
    bucket.objects.delete()
    assert coach.get(ticket(coach, only())).status_code == 410
    assert only().downloads_left == 3


def test_a_store_that_is_away_costs_no_download(coach, do_jobs, only, settings, make_app):
    ask(coach, "rows.all")
    do_jobs()
    address = ticket(coach, only())
    nobody = settings.model_copy(update={"export_store_endpoint": "http://127.0.0.1:9"})
    away = make_app(plugins={"rows": rows_plugin}, settings=nobody)
    client = away.test_client()
    for cookie in coach.client._cookies.values():
        client._cookies[cookie._storage_key] = cookie
    assert client.get(coach.path + address, base_url=BASE).status_code == 503
    assert only().downloads_left == 3
    assert coach.get(address).status_code == 200


def test_a_store_that_is_away_fails_the_export_and_is_tried_again(coach, do_jobs, only, bucket, settings, make_app):
    bucket_name = settings.model_copy(update={"export_store": "s3://not-there/x"})
    away = make_app(plugins={"rows": rows_plugin}, settings=bucket_name)
    ask(coach, "rows.all")
    from service.jobs import outbox, work

    with parts(away).units.reading():
        due = outbox.due()
    work.perform(away, due[0])
    assert only().state is ExportState.WAITING
    assert list(settings.export_dir.iterdir()) == []


def test_what_no_row_knows_is_left_over_and_nothing_else_in_the_bucket(settings, bucket):
    store = ObjectStore(settings)
    key = f"{uuid.uuid4()}.csv"
    with store.writing(key) as path:
        path.write_bytes(b"whole")
        assert store.publish(key, path) == (hashlib.sha256(b"whole").hexdigest(), 5)
    bucket.put_object(Key="stegvis/exports/notes.txt", Body=b"x")
    bucket.put_object(Key=f"elsewhere/{uuid.uuid4()}.csv", Body=b"x")
    assert list(store.leftovers(-60)) == [key]
    assert list(store.leftovers(3600)) == []
    store.remove(key)
    store.delete(key)
    assert len(names(bucket)) == 2


def test_without_an_address_it_is_the_folder(settings):
    assert isinstance(open_store(settings), ObjectStore)
    assert isinstance(open_store(settings.model_copy(update={"export_store": ""})), LocalStore)
