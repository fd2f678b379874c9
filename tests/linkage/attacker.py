"""The attacker: she looks for an answer that stands beside its person, then for two orders that may be the same one.

Orders she believes in, the strongest first: a time, a counter, the lines of a log, the place in a file. Where she finds
nothing she guesses. She always names an answer for everybody.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.linkage.loot import Loot, Row, Table, Traces, history, inside, tables_of

Order = list[int]
# How much she believes in an order, by what it is an order of.
TIME, COUNTER, LINES, PLACE = 4, 3, 2, 1


@dataclass(frozen=True)
class Sight:
    """What she sees in a loot with or without the keys, which is most of the work: done once for both."""

    tables: Sequence[Table]
    traces: Traces
    persons: Sequence[tuple[int, Order]]
    answers: Sequence[tuple[int, Order]]
    beside: Mapping[int, int]


def look(loot: Loot) -> Sight:
    """Returns what can be seen without any key."""
    tables = tables_of(loot.database, loot.log)
    traces = Traces.of(loot, tables)
    persons = [
        *_orders(tables, traces, Traces.persons_in),
        (LINES, _in_lines(loot.said, traces.persons_in)),
    ]
    if not _strongest(persons, len(loot.invited)):
        # The weakest of all, and slow to look for: only where she has no other.
        persons.append((PLACE, _in_file(loot.database, traces.persons)))
    answers = [
        *_orders(tables, traces, Traces.answers_in),
        (LINES, _in_lines(loot.said, traces.answers_in)),
        (PLACE, _in_file(loot.database + loot.log, traces.answers)),
    ]
    return Sight(tables, traces, persons, answers, _beside(tables, traces))


def attack(loot: Loot, sight: Sight) -> list[int]:
    """Returns the number of the answer that she says is each person's, in the order of `invited`."""
    return _whole(loot, {**_by_order(loot, sight), **_by_history(loot, sight.traces), **sight.beside})


def _whole(loot: Loot, linked: Mapping[int, int]) -> list[int]:
    """Fills what she does not know with a guess, so that every answer is named once."""
    taken: dict[int, int] = {}
    for person, answer in linked.items():
        if answer not in taken.values():
            taken[person] = answer
    left = [number for number in range(len(loot.answers)) if number not in taken.values()]
    loot.chance.shuffle(left)
    return [taken[person] if person in taken else left.pop() for person in range(len(loot.invited))]


def _beside(tables: Sequence[Table], traces: Traces) -> dict[int, int]:
    """An answer and one person in the same row, or in two rows with the same value."""
    found: dict[int, int] = {}
    by_value: dict[Any, tuple[set[int], set[int]]] = {}
    for table in tables:
        there = traces.within(table.whole)
        for row, data in zip(table.rows, table.lines, strict=True):
            persons, answers = there.persons_in(data), there.answers_in(data)
            if len(persons) == len(answers) == 1:
                found[persons[0]] = answers[0]
            for value in row if persons or answers else ():
                if isinstance(value, str | bytes) and len(value) > 7:
                    seen = by_value.setdefault(value, (set(), set()))
                    seen[0].update(persons)
                    seen[1].update(answers)
    for persons_with, answers_with in by_value.values():
        if len(persons_with) == len(answers_with) == 1:
            found[min(persons_with)] = min(answers_with)
    return found


def _by_history(loot: Loot, traces: Traces) -> dict[int, int]:
    """A person and an answer that came, or changed, in the same transaction of the log."""
    found: dict[int, int] = {}
    before: tuple[dict[int, bytes], frozenset[bytes], set[int]] | None = None
    for tables in history(loot):
        marks, lying = inside(loot, tables)
        rows = dict(_traced(tables, traces))
        within = {number for one in lying for number in traces.answers_in(one)}
        plain = {number for table in tables for number in traces.answers_in(table.whole)}
        now = (rows, marks, within | plain)
        if before is not None:
            persons = {person for person, data in rows.items() if before[0].get(person) != data}
            persons |= {number for mark in marks - before[1] for number in traces.persons_in(mark)}
            answers = now[2] - before[2]
            if len(persons) == len(answers) == 1:
                found[min(persons)] = min(answers)
        before = now
    return found


def _traced(tables: Sequence[Table], traces: Traces) -> Iterator[tuple[int, bytes]]:
    for table in tables:
        there = traces.within(table.whole)
        for data in table.lines if there.persons else ():
            for person in there.persons_in(data):
                yield person, data


def _by_order(loot: Loot, sight: Sight) -> dict[int, int]:
    """The persons in the strongest order in which they all stand, beside the answers in theirs."""
    _marks, lying = inside(loot, sight.tables)
    order = [number for one in lying for number in sight.traces.answers_in(one)]
    one = _strongest(sight.persons, len(loot.invited))
    # Of two orders that are equally strong the one in the box tells more than the one in the file.
    other = _strongest([(PLACE, order), *sight.answers], len(loot.answers))
    return dict(zip(one, other, strict=True)) if one and other else {}


def _orders(tables: Sequence[Table], traces: Traces, seen_in: Any) -> Iterator[tuple[int, Order]]:
    for table in tables:
        there = traces.within(table.whole)
        rows = [(seen_in(there, data), row) for row, data in zip(table.rows, table.lines, strict=True)]
        rows = [(seen, row) for seen, row in rows if len(seen) == 1]
        for place, column in enumerate(table.columns):
            values = [row[place] for _seen, row in rows]
            if values and len(set(values)) == len(values) and len({type(value) for value in values}) == 1:
                yield _strength(column, values), [seen[0] for seen, _row in sorted(rows, key=_by(place))]


def _by(place: int) -> Any:
    def key(pair: tuple[list[int], Row]) -> Any:
        return pair[1][place]

    return key


def _strength(column: str, values: Sequence[Any]) -> int:
    if column != "rowid" and (column.endswith(("_at", "_on")) or column in {"at", "time"}):
        return TIME
    return COUNTER if column != "rowid" and all(isinstance(value, int) for value in values) else PLACE


def _in_lines(lines: Sequence[str], seen_in: Any) -> Order:
    order: Order = []
    for line in lines:
        order += [number for number in seen_in(line.encode()) if number not in order]
    return order


def _in_file(data: bytes, traces: Mapping[bytes, int]) -> Order:
    places: dict[int, int] = {}
    for trace, number in traces.items():
        place = data.find(trace)
        if place >= 0:
            places[number] = min(place, places.get(number, place))
    return sorted(places, key=lambda number: places[number])


def _strongest(orders: Sequence[tuple[int, Order]], number: int) -> Order:
    whole = [pair for pair in orders if len(pair[1]) == number]
    return max(whole, key=lambda pair: pair[0])[1] if whole else []
