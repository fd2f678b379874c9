"""What two people, or one in two windows, wrote differently: shown side by side, and none of it lost."""

from collections.abc import Iterable, Iterator, Sequence

from plugins.handledning.forms.fields import Form
from plugins.handledning.forms.page import Difference, shown

# What is no content: the version of what a page showed.
_HIDDEN = frozenset({"version", "number"})


def values(forms: Iterable[tuple[str, Form]]) -> Iterator[tuple[str, str, str]]:
    """Yields every field's place, label and value as people read it. Each form comes with the place it has."""
    for place, form in forms:
        for field in form:
            if field.short_name not in _HIDDEN:
                yield f"{place}{field.short_name}", str(field.label.text), shown(field)


def differ(saved: Iterable[tuple[str, Form]], mine: Iterable[tuple[str, Form]]) -> Sequence[Difference]:
    """Returns where what is saved and what was typed say different things, what only one of them has included."""
    there = {place: (label, text) for place, label, text in values(saved)}
    here = {place: (label, text) for place, label, text in values(mine)}
    found = []
    for place in [*here, *(place for place in there if place not in here)]:
        label, old = there.get(place, ("", ""))
        new_label, new = here.get(place, (label, ""))
        if old != new:
            found.append(Difference(new_label, old, new))
    return found
