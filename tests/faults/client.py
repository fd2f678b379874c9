"""The client: asks for one export after another over HTTP, each as another person, and notes what was acknowledged.

`python -m tests.faults.client ADDRESS JOURNAL PEOPLE`: PEOPLE is a JSON list of launches, one for each request. A line of
the journal is on the disk before the next request leaves. What was not acknowledged is looked for and, where it is not
there, asked for again, as a person would.
"""

import json
import os
import sys
import time
from pathlib import Path

import requests

from service.browser import COOKIE

# Two requests in a second, of a person who is in no hurry to see her patience end.
PAUSE = 0.15
TIMEOUT = 10.0


def main(address: str, journal: str, people: str) -> None:
    with Path(journal).open("a", encoding="ascii") as noted:
        for person in json.loads(Path(people).read_text(encoding="ascii")):
            seconds = ask(address, person)
            noted.write(f"{person['id']} {seconds:.3f}\n")
            noted.flush()
            os.fsync(noted.fileno())
            time.sleep(PAUSE)


def ask(address: str, person: dict[str, str]) -> float:
    """Asks until it is acknowledged. Returns how long the request that was acknowledged took, in seconds."""
    page = f"{address}/l/{person['launch']}/exports"
    headers = {"Cookie": f"{COOKIE}={person['secret']}", "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    form = {"csrf_token": person["token"], "what": "core.overview", "format": person["format"]}
    unsure = False
    while True:
        began = time.monotonic()
        try:
            if unsure and "/progress" in (found := requests.get(page, headers=headers, timeout=TIMEOUT)).text:
                assert found.status_code == 200
                return time.monotonic() - began
            if unsure and found.status_code == 200 and "/file" in found.text:
                return time.monotonic() - began
            answer = requests.post(page, form, headers=headers, timeout=TIMEOUT, allow_redirects=False)
            if answer.status_code == 303:
                return time.monotonic() - began
            assert answer.status_code in {502, 503}, answer.status_code
        except requests.RequestException:
            pass
        unsure = True
        time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:])
