"""Settings: complete and well formed, or the start names each that is not."""

from typing import Any

import pytest
from pydantic import ValidationError

from service.errors import StartRefused
from service.settings import Settings, load
from tests.support import KEY, OTHER_KEY

GOOD: dict[str, Any] = {"public_url": "https://stegvis.example.org", "master_key": KEY, "secret_key": OTHER_KEY}


def refused(**changes: Any) -> str:
    with pytest.raises(StartRefused) as stopped:
        load(**{**GOOD, **changes})
    return str(stopped.value)


def test_the_good_ones_are_accepted() -> None:
    assert load(**GOOD).host == "stegvis.example.org"


def test_each_missing_one_is_named_and_nothing_has_a_default_secret() -> None:
    with pytest.raises(StartRefused) as stopped:
        load()
    lines = str(stopped.value).splitlines()
    assert lines[0] == "settings are not complete"
    assert [line.split(":")[0].strip() for line in lines[1:]] == [
        "STEGVIS_PUBLIC_URL",
        "STEGVIS_MASTER_KEY",
        "STEGVIS_SECRET_KEY",
    ]


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_one_missing_is_named_alone(missing: str) -> None:
    with pytest.raises(StartRefused) as stopped:
        load(**{name: value for name, value in GOOD.items() if name != missing})
    assert str(stopped.value).splitlines()[1:] == [f"  STEGVIS_{missing.upper()}: Field required"]


@pytest.mark.parametrize("name", ["master_key", "secret_key"])
@pytest.mark.parametrize("value", ["", "short", "AAAA", "A" * 44, "ä" * 44, "A" * 42 + "==", "A" * 86 + "=="])
def test_a_key_that_is_not_32_bytes_is_named_and_not_shown(name: str, value: str) -> None:
    sentence = refused(**{name: value})
    assert f"STEGVIS_{name.upper()}" in sentence
    assert "openssl rand -base64 32" in sentence
    assert len(value) < 6 or value not in sentence


def test_a_bad_earlier_key_is_named() -> None:
    assert "STEGVIS_PREVIOUS_MASTER_KEYS" in refused(previous_master_keys=f"{KEY},short")


def test_lists_come_comma_separated() -> None:
    settings = load(**GOOD, previous_master_keys=f"{KEY}, {OTHER_KEY},", private_hosts=" a.lan ,b.lan")
    assert [key.get_secret_value() for key in settings.previous_master_keys] == [KEY, OTHER_KEY]
    assert settings.private_hosts == {"a.lan", "b.lan"}


def test_the_environment_is_read_and_lists_in_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        **GOOD,
        "previous_master_keys": KEY,
        "private_hosts": "a.lan,b.lan",
        "launch_hours": "4",
    }.items():
        monkeypatch.setenv(f"STEGVIS_{name.upper()}", value)
    settings = load()
    assert (settings.launch_hours, settings.private_hosts, len(settings.previous_master_keys)) == (
        4,
        {"a.lan", "b.lan"},
        1,
    )


@pytest.mark.parametrize(
    "url",
    ["http://stegvis.example.org", "stegvis.example.org", "https://", "https://a.org/path", "https://a.org/", "https://a.org?x=1",
     "https://a.org#x", "https://user@a.org", "ftp://a.org", ""],
)  # fmt: skip
def test_an_address_that_is_not_scheme_and_host_is_refused(url: str) -> None:
    assert "public_url must" in refused(public_url=url)


@pytest.mark.parametrize(
    "url",
    ["https://stegvis.example.org", "http://stegvis.example.org", "https://192.0.2.1", "https://localhost.example.org"],
)
def test_demo_is_refused_on_a_public_address(url: str) -> None:
    assert "loopback" in refused(public_url=url, demo=True)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5055", "http://localhost:5055", "http://[::1]:5055", "https://localhost"]
)
def test_demo_may_be_plain_http_on_loopback(url: str) -> None:
    assert load(**{**GOOD, "public_url": url}, demo=True).demo


def test_plain_http_on_loopback_needs_demo() -> None:
    assert "https://" in refused(public_url="http://127.0.0.1:5055")


@pytest.mark.parametrize(
    ("name", "value"),
    [("proxy_hops", 6), ("proxy_hops", -1), ("launch_hours", 0), ("launch_hours", 25), ("leeway_seconds", 301), ("lease_seconds", 0),
     ("heartbeat_seconds", -1), ("export_batch", 0), ("export_days", 31), ("export_downloads", 0), ("launch_hours", "many"), ("demo", "perhaps")],
)  # fmt: skip
def test_a_number_out_of_its_range_is_named(name: str, value: object) -> None:
    assert f"STEGVIS_{name.upper()}:" in refused(**{name: value})


def test_a_sign_of_life_comes_at_least_twice_in_a_lease() -> None:
    assert "heartbeat_seconds" in refused(lease_seconds=10, heartbeat_seconds=6)
    assert load(**GOOD, lease_seconds=10, heartbeat_seconds=5)


def test_a_setting_nobody_knows_is_refused() -> None:
    assert "STEGVIS_COLOUR" in refused(colour="blue")


def test_debug_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert refused() == "FLASK_DEBUG shows the inside of the service to visitors: unset it"


def test_they_do_not_change_and_do_not_show_their_secrets() -> None:
    settings = load(**GOOD, previous_master_keys=KEY)
    with pytest.raises(ValidationError):
        settings.demo = True
    assert KEY not in repr(settings)
    assert OTHER_KEY not in str(settings)


def test_without_addresses_everything_lives_in_the_data_folder(tmp_path: Any) -> None:
    settings = load(**GOOD, data_dir=tmp_path)
    assert settings.database == f"sqlite:///{tmp_path}/stegvis.db"
    assert settings.queue == f"unix://{tmp_path}/queue.sock"
    assert settings.export_dir == tmp_path / "exports"


def test_the_operators_addresses_win() -> None:
    settings = load(**GOOD, database_url="postgresql+psycopg://a@b/c", redis_url="redis://r")
    assert (settings.database, settings.queue) == ("postgresql+psycopg://a@b/c", "redis://r")


def test_nothing_else_reads_the_environment() -> None:
    import re
    from pathlib import Path

    import service

    found = {
        str(path.relative_to(Path(service.__file__).parent))
        for path in Path(service.__file__).parent.rglob("*.py")
        if re.search(r"os\.(environ|getenv)", path.read_text())
    }
    assert "settings.py" in found
    # The demo writes its settings there, for the processes that it starts; the figures, the one name their library reads.
    assert found - {"settings.py", "demo/cli.py", "metrics.py"} == set()


def test_every_setting_has_a_comment() -> None:
    import inspect

    lines = inspect.getsource(Settings).splitlines()
    for name in Settings.model_fields:
        number = next(i for i, line in enumerate(lines) if line.strip().startswith(f"{name}:"))
        above = next(
            line.strip() for line in reversed(lines[:number]) if line.strip().split(":")[0] not in Settings.model_fields
        )
        assert above.startswith("#"), name


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"smtp_host": "mail.example"}, "belong together"), ({"smtp_from": "a@b.example"}, "belong together"),
        ({"smtp_host": "mail.example", "smtp_from": "Stegvis <a@b.example>"}, "one plain address"),
        ({"smtp_host": "mail.example", "smtp_from": "a@b.example\r\nBcc: c@d.example"}, "one plain address"),
        ({"smtp_host": "mail.example", "smtp_from": "a@b.example", "smtp_user": "x"}, "smtp_user and smtp_password"),
        ({"smtp_host": "mail.example", "smtp_from": "a@b.example", "smtp_user": "x", "smtp_password": "å"}, "ASCII"),
        ({"smtp_host": "mail.example", "smtp_from": "a@b.example", "smtp_security": "none"}, "on this machine"),
    ],
)  # fmt: skip
def test_half_settings_for_mail_stop_the_start(given: dict[str, str], said: str) -> None:
    assert said in refused(**given)


def test_mail_is_off_without_settings_and_on_with_them() -> None:
    assert not load(**GOOD).sends_mail
    assert load(**GOOD, smtp_host="mail.example", smtp_from="a@b.example").sends_mail
