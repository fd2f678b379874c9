"""`python -m tests.linkage [--count 1000] [--seed N]`: the whole attack; fails when she does better than chance."""

import argparse
import sys

from tests.linkage.campaign import PLANTS, SEED, WORDS_IN_ORDER, honest, planted

PLANTED = 20


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=SEED)
    given = asked.parse_args()
    wrong = 0
    print(f"{given.count} measurements of 5 to 40 people, seed {given.seed}")
    print(f"{'attack':50} {'right':>7} {'of':>7}   by chance (99 %)")
    for tally in honest(given.count, given.seed).values():
        low, high = tally.expected
        wrong += not tally.by_chance
        verdict = "as by chance" if tally.by_chance else "NOT BY CHANCE"
        print(f"{tally.name:50} {tally.right:7} {tally.people:7}   {low} to {high}: {verdict}")
    for plant in (*PLANTS, WORDS_IN_ORDER):
        tally = planted(plant, min(PLANTED, given.count), given.seed)
        wrong += not tally.found
        verdict = "planted leak found" if tally.found else "PLANTED LEAK NOT FOUND"
        print(f"{'planted: ' + tally.name:50} {tally.right:7} {tally.people:7}   {verdict}")
    return 1 if wrong else 0


sys.exit(main())
