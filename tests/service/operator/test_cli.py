"""`stegvis operator link` and `stegvis operator end`."""

from click.testing import CliRunner

from service.cli import stegvis
from tests.service.operator.conftest import Operator
from tests.support import BASE


def test_the_address_that_is_printed_opens_and_end_closes(settings, stranger: Operator) -> None:
    def run(word: str):
        return CliRunner().invoke(stegvis, ["operator", word], obj=lambda: settings, catch_exceptions=False)

    made = run("link")
    assert made.exit_code == 0
    address = made.stdout.strip()
    assert address.startswith(f"{BASE}/operator/enter/")
    assert "within 10 minutes" in made.stderr
    assert stranger.enter(address.removeprefix(BASE)).status_code == 303
    assert stranger.get().status_code == 200
    assert run("end").stdout == "Ended: 1\n"
    assert stranger.get().status_code == 401
