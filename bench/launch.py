"""Login and launch, rows included, against the least that anybody would have to do.

Floor: two no-op Flask POSTs that parse their form, one RSA-2048 verify with a cached key object, and one write
transaction on the same kind of database.
"""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask, request
from werkzeug.test import EnvironBuilder, run_wsgi_app

from bench.measure import Result, Stopwatch, interleaved
from bench.place import CLIENT, ISSUER, Place, place
from service import browser
from tests.support import BASE, parts

REPEATS = 300
GOAL = "at most 3.0, aim 2.0"


def sqlite() -> Iterator[Result]:
    return _measure("sqlite")


def postgresql() -> Iterator[Result]:
    return _measure("postgresql")


def _measure(kind: str) -> Iterator[Result]:
    with place(kind) as here:
        launches = _Launches(here)
        floor = _Floor(here)
        mine, base = interleaved(launches.run, floor.run, REPEATS)
        yield Result(f"launch.{kind}", mine, "ms", base, GOAL)


def _post(path: str, form: dict[str, str], cookie: str, turn: int) -> dict[str, Any]:
    body = urlencode(form).encode()
    builder = EnvironBuilder(
        path,
        BASE,
        method="POST",
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers={"Cookie": cookie},
    )
    # Everybody has an address of her own, or the rate limit would be measured.
    return {**builder.get_environ(), "REMOTE_ADDR": f"10.0.{turn // 200}.{turn % 200}"}


class _Launches:
    """Login POST, then launch POST. What browser and platform do, asking and signing, is taken out of the time."""

    def __init__(self, here: Place) -> None:
        self.here = here
        self.cookie = f"{browser.COOKIE}={browser.new_secret().hex()}"

    def run(self, turn: int, watch: Stopwatch) -> None:
        login = {
            "iss": ISSUER, "client_id": CLIENT, "login_hint": str(turn % 50), "lti_message_hint": "{}",
            "target_link_uri": f"{BASE}/lti/launch", "lti_deployment_id": "1",
        }  # fmt: skip
        with watch.paused():
            login_request = _post("/lti/login", login, self.cookie, turn)
        _, status, headers = run_wsgi_app(self.here.app, login_request)
        with watch.paused():
            asked = {name: values[0] for name, values in parse_qs(urlsplit(headers["Location"]).query).items()}
            token = self.here.token(asked["nonce"], str(turn % 50), int(time.time()))
            launch_request = _post("/lti/launch", {"id_token": token, "state": asked["state"]}, self.cookie, turn)
        answer, status, _ = run_wsgi_app(self.here.app, launch_request)
        if not status.startswith("303"):
            raise SystemExit(f"a launch was refused: {status} {b''.join(answer)[:300]!r}")


class _Floor:
    """Two forms parsed, one signature verified, one row written."""

    def __init__(self, here: Place) -> None:
        self.here = here
        self.app = Flask("floor")
        self.app.add_url_rule("/", view_func=lambda: str(len(request.form)), methods=["POST"])
        self.public = here.private.public_key()
        self.engine = parts(here.app).units.engine
        self.table = sa.Table(
            "floor", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text)
        )
        self.table.create(self.engine)
        self.signed = here.private.sign(b"x" * 3000, padding.PKCS1v15(), SHA256())

    def run(self, turn: int, watch: Stopwatch) -> None:
        form = {"id_token": "x" * 3400, "state": "y" * 300}
        for _ in range(2):
            with watch.paused():
                asked = _post("/", form, "", turn)
            run_wsgi_app(self.app, asked)
        self.public.verify(self.signed, b"x" * 3000, padding.PKCS1v15(), SHA256())
        raw = self.engine.raw_connection()
        cursor = raw.cursor()
        begin, mark = ("BEGIN IMMEDIATE", "?") if self.engine.dialect.name == "sqlite" else (None, "%s")
        if begin:
            cursor.execute(begin)
        cursor.execute(f"INSERT INTO floor (id, text) VALUES ({mark}, {mark})", (turn, "x" * 200))
        cursor.execute("COMMIT") if begin else raw.commit()
        cursor.close()
        raw.close()
