"""A campaign of changed id_tokens: `python -m tests.fuzz.fuzz --count 1000000 --seed 1`.

Each is given to the pure verifier and the claims' schema; every thousandth is posted to the running application. Nothing
may be accepted that should not be, refused that must not be, answered by a server error, or cost 50 ms of computing.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from service.errors import LaunchRefused
from service.lti.acceptance import verify
from service.lti.claims import read_message
from tests.fuzz import mutations
from tests.fuzz.mutations import EXPECTED, KEYS, LEEWAY, NONCE, NOW, Case

SLOW_SECONDS = 0.05
EVERY = 1000


def judge(case: Case, found: Counter[str]) -> None:
    """Runs one case through the verifier and counts what is wrong with the outcome."""
    began = time.thread_time()
    try:
        read_message(verify(case.token, EXPECTED, KEYS, NOW, LEEWAY, nonce=NONCE))
        if not case.may:
            found["accepted wrongly"] += 1
            print("accepted wrongly:", case.kind, case.token[:3000], file=sys.stderr)
        found["accepted"] += 1
    except LaunchRefused as refused:
        found[f"refused {refused.reason}"] += 1
        if case.must:
            found["refused wrongly"] += 1
            print("refused wrongly:", case.kind, refused.reason, case.token[:3000], file=sys.stderr)
    except Exception as error:  # noqa: BLE001 - this is what the campaign looks for
        found["server errors"] += 1
        print("error:", case.kind, repr(error), case.token[:3000], file=sys.stderr)
    spent = time.thread_time() - began
    if spent > SLOW_SECONDS:
        found["slow"] += 1
        print(f"slow: {spent * 1000:.0f} ms", case.kind, case.token[:300], file=sys.stderr)


def campaign(count: int, seed: int) -> Counter[str]:
    """Runs `count` cases from one seed."""
    from tests.fuzz.running import running_app

    r = random.Random(seed)
    # What is made at first use is not counted as slow.
    for _ in range(20):
        judge(mutations.case(r), Counter())
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, running_app(Path(folder)) as post:
        gc.collect()
        gc.freeze()  # the collector would otherwise walk the whole application inside somebody's measurement
        for number in range(count):
            case = mutations.case(r)
            judge(case, found)
            if number % EVERY == 0:
                status = post(case.token)
                found["posted"] += 1
                found["server errors"] += status >= 500
                # The application expects another nonce: nothing of the campaign can be a launch of its own.
                found["accepted wrongly"] += status == 303
    return found


def main(arguments: list[str] | None = None) -> int:
    """Runs a campaign in processes of its own, prints the counts, and returns 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args(arguments)
    share = -(-chosen.count // chosen.processes)
    began = time.perf_counter()
    total: Counter[str] = Counter()
    with ProcessPoolExecutor(chosen.processes, mp_context=get_context("spawn")) as pool:
        for found in pool.map(campaign, [share] * chosen.processes, range(chosen.seed, chosen.seed + chosen.processes)):
            total += found
    for name, number in sorted(total.items()):
        print(f"  {name}: {number}")
    seconds = time.perf_counter() - began
    print(f"{share * chosen.processes} tokens in {seconds:.1f} s, seed {chosen.seed}")
    print(f"refused wrongly: {total['refused wrongly']}")
    print(
        f"accepted wrongly: {total['accepted wrongly']}, server errors: {total['server errors']}, slow (>50 ms): {total['slow']}"
    )
    wrong = ("accepted wrongly", "refused wrongly", "server errors", "slow")
    return 1 if any(total[name] for name in wrong) or not total["accepted"] else 0


if __name__ == "__main__":
    sys.exit(main())
