"""Whether a plugin's answer is what its hook promises: checked where it is asked, so that no page meets another."""

from collections.abc import Mapping
from typing import Any

from service.contract.records import Card, Export, Progress, TimelineEvent
from service.contract.reports import CohortReport, ProgrammeReport

_ITEMS: Mapping[str, type] = {"home_cards": Card, "timeline": TimelineEvent, "exports": Export}


def fitting(name: str, answer: Any) -> Any:
    """Returns the answer of a display hook, a sequence read to its end. Raises TypeError when it is something else."""
    if name in _ITEMS:
        items = tuple(answer)
        _demand(name, all(isinstance(item, _ITEMS[name]) for item in items))
        return items
    if name == "progress":
        _demand(name, isinstance(answer, Mapping) and all(isinstance(value, Progress) for value in answer.values()))
    if name == "cohort_report":
        _demand(name, isinstance(answer, CohortReport))
    if name == "programme_report":
        _demand(name, isinstance(answer, ProgrammeReport))
    return answer


def _demand(name: str, fits: bool) -> None:  # noqa: FBT001 - the fact itself is the argument
    if not fits:
        raise TypeError(f"{name} answered with something that its hook does not promise")
