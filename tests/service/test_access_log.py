"""What an access log may say of somebody who has no account: that there was a request, and how it ended."""

import logging
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from service import gunicorn_conf
from service.access_log import SECRET_PATHS, AccessLog

FORMAT = '%(h)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" %(D)s %(p)s %(U)s?%(q)s %({referer}i)s %({x-real-ip}i)s %({raw_uri}e)s'


def line(path: str, caplog: pytest.LogCaptureFixture, referrer: str = "https://stegvis.example/g/geheim/x/") -> str:
    config = Config()
    config.set("accesslog", "-")
    config.set("access_log_format", FORMAT)
    logger = AccessLog(config)
    logger.access_log.addHandler(caplog.handler)
    environ = {
        "REMOTE_ADDR": "192.0.2.77", "REQUEST_METHOD": "POST", "RAW_URI": f"{path}?q=fraga", "PATH_INFO": path,
        "QUERY_STRING": "q=fraga", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_REFERER": referrer, "HTTP_USER_AGENT": "Firefox",
    }  # fmt: skip
    headers = [("Referer", referrer), ("X-Real-IP", "192.0.2.77")]
    answer = SimpleNamespace(status="200 OK", sent=4711, headers=[("X-Seen", "Anna")])
    with caplog.at_level(logging.INFO, "gunicorn.access"):
        logger.access(answer, SimpleNamespace(headers=headers), environ, timedelta(microseconds=123_457))
    logger.access_log.removeHandler(caplog.handler)
    return caplog.messages[-1]


@pytest.mark.parametrize(
    "path",
    [
        "/g/k7mq-2rxd-9htw-4bvn/group_maturity/answer", "/t/geheim", "/operator/enter/geheim", "//g/geheim", "/t//geheim",
        "//operator///enter/geheim",
    ],
)  # fmt: skip
def test_a_guests_request_is_a_request_and_no_more(path: str, caplog: pytest.LogCaptureFixture) -> None:
    said = line(path, caplog)
    door = next(door for door in SECRET_PATHS if re.sub("/+", "/", path).startswith(door))
    assert f'"POST {door}... HTTP/1.1" 200 -' in said
    for secret in ("192.0.2.77", "k7mq", "geheim", "fraga", "Firefox", "4711", "123457", "Anna", "answer"):
        assert secret not in said
    assert ":00:00]" in said


def test_other_requests_are_as_ever_but_do_not_tell_where_a_guest_came_from(caplog: pytest.LogCaptureFixture) -> None:
    said = line("/static/stegvis.css", caplog)
    assert "192.0.2.77 - " in said
    assert '"POST /static/stegvis.css?q=fraga HTTP/1.1" 200 4711 "-" "Firefox"' in said
    assert "geheim" not in said
    assert "https://lms.example/course" in line("/static/stegvis.css", caplog, "https://lms.example/course")


def test_gunicorn_is_told_to_use_it() -> None:
    assert gunicorn_conf.accesslog is None
    config = Config()
    config.set("logger_class", gunicorn_conf.logger_class)
    assert config.logger_class is AccessLog
