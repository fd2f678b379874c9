"""What the parts of an instrument must be to each other, beyond what each must be by itself."""

from collections import Counter
from collections.abc import Iterator

from plugins.group_maturity.instruments.schema import Instrument
from service.contract import gettext as _

MIN_ITEMS_PER_SCALE = 3


def problems(it: Instrument) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yields what does not fit between the parts of an instrument: the place, and a sentence."""
    if it.sha256:
        yield ("sha256",), _("This is computed, never written.")
    if it.translation_status.get(it.source_language) != "source":
        yield ("source_language",), _("This must be the language whose translation_status is source.")
    yield from _form_problems(it)
    yield from _scale_problems(it)
    yield from _stage_problems(it)


def _form_problems(it: Instrument) -> Iterator[tuple[tuple[str, ...], str]]:
    if not {"group", "self"} <= it.forms.keys():
        yield ("forms",), _("There must be the forms group and self.")
    used = {name for names in it.forms.values() for name in names}
    for name in sorted(it.items.keys() - used):
        yield ("items", name), _("No form asks this statement: look at %(item)s.", item=name)
    for form, names in it.forms.items():
        for name in sorted(set(names) - it.items.keys()):
            yield ("forms", form), _("This asks for a statement that is not there: look at %(item)s.", item=name)
        for name, times in Counter(names).items():
            if times > 1:
                yield ("forms", form), _("This asks the same statement twice: look at %(item)s.", item=name)
    for name in it.forms.get("group_about_manager", ()):
        if name in it.items and it.items[name].text_other is None:
            yield ("items", name), _("This is asked about the manager and needs text_other.")


def _scale_problems(it: Instrument) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, item in it.items.items():
        if item.scale not in it.scales:
            yield ("items", name, "scale"), _("There is no scale %(scale)s.", scale=item.scale)
    for name, scale in it.scales.items():
        count = sum(item.scale == name for item in it.items.values())
        if count < MIN_ITEMS_PER_SCALE or scale.min_answered > count:
            yield ("scales", name), _("The scale needs at least 3 statements, and min_answered at most as many.")
    yield from _sides_of_too_few(it)
    yield from _naming_no_scale(it)
    if "MI" not in it.indices:
        yield ("indices",), _("There must be the index MI.")


def _sides_of_too_few(it: Instrument) -> Iterator[tuple[tuple[str, ...], str]]:
    """A side of one statement would be shown from five answers, as a side, though statements are from ten on."""
    for form, names in it.forms.items():
        asked = Counter(it.items[name].scale for name in names if name in it.items)
        for scale in sorted(asked.keys() & it.scales.keys()):
            least = max(MIN_ITEMS_PER_SCALE, it.scales[scale].min_answered)
            if asked[scale] < least:
                why = _("This asks %(number)s statements of the scale %(scale)s; ask none or at least %(least)s.",
                        number=asked[scale], scale=scale, least=least)  # fmt: skip
                yield ("forms", form), why


def _naming_no_scale(it: Instrument) -> Iterator[tuple[tuple[str, ...], str]]:
    for number, stage in enumerate(it.stages):
        bounds = {bound for limits in stage.when.values() for bound in limits.limits.values() if isinstance(bound, str)}
        for name in sorted((stage.when.keys() | bounds) - it.scales.keys()):
            yield ("stages", str(number)), _("There is no scale %(scale)s.", scale=name)
    for index, found in it.indices.items():
        for name in sorted({part.scale for part in found.mean_of} - it.scales.keys()):
            yield ("indices", index), _("There is no scale %(scale)s.", scale=name)
    for name in sorted(it.interpretation.gap_texts.keys() - it.scales.keys()):
        yield ("interpretation", "gap_texts", name), _("There is no scale %(scale)s.", scale=name)


def _stage_problems(it: Instrument) -> Iterator[tuple[tuple[str, ...], str]]:
    names = [stage.id for stage in it.stages]
    if len(set(names)) != len(names):
        yield ("stages",), _("Two stages have the same id.")
    if [stage.default for stage in it.stages] != [False] * (len(names) - 1) + [True]:
        yield ("stages",), _("Exactly one stage is the default, and it is the last.")
    words = it.interpretation
    told = (words.stage_texts, words.discussion_questions, words.group_texts or words.stage_texts)
    if any(texts.keys() != set(names) for texts in told):
        yield ("interpretation",), _("There must be a text and questions for every stage, and for no other.")
