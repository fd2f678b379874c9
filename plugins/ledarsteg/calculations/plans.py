"""A rough look at the words of an if-then plan: advice, never a condition."""

import re
from dataclasses import dataclass

from plugins.ledarsteg.calculations.habits import SMALL_STEP_MINUTES

# Fewer words than these name no situation and no action.
CUE_WORDS, ACTION_WORDS = 3, 2
# Words by which a situation is no cue, an action no action, or one sentence two actions, in the three languages.
_VAGUE = re.compile(
    r"\b(när jag hinner|får tid|har tid|någon gång|ibland|oftare|when i (can|have time)|sometimes?|more often|"
    r"some day|kad būs laiks|dažreiz|biežāk)\b",
    re.IGNORECASE,
)
_NO_VERB = re.compile(
    r"(inte|aldrig|försök\w*|bättre|mer|mindre|en|ett|not|never|try|better|more|less|an?|the|ne|nekad|labāk|vairāk|mazāk)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"[;+]|\b(?:och|samt|sedan|and|then|un|tad)\b", re.IGNORECASE)


@dataclass(frozen=True)
class PlanAdvice:
    """What an if-then plan has that tends to help. Advice, never a condition."""

    concrete_cue: bool
    small_action: bool
    one_action: bool
    has_coping: bool


def plan_advice(cue: str, action: str, coping: str, minutes: int | None) -> PlanAdvice:
    """Looks at the words of a plan: a concrete situation, one action, a small one, and a reserve plan.

    If-then plans help people do what they intend (Gollwitzer and Sheeran 2006, doi:10.1016/S0065-2601(06)38002-1). The
    look is rough on purpose: it reads words, not meaning, and says so on the page.
    """
    return PlanAdvice(
        concrete_cue=len(cue.split()) >= CUE_WORDS and not _VAGUE.search(cue),
        small_action=(
            len(action.split()) >= ACTION_WORDS and not _NO_VERB.match(action) and (minutes or 0) <= SMALL_STEP_MINUTES
        ),
        one_action=bool(action.strip()) and not _SEVERAL.search(action),
        has_coping=bool(coping.strip()),
    )


def is_several(text: str) -> bool:
    """Tells whether the words of a step look like more than one thing, so that splitting it may be offered."""
    return _SEVERAL.search(text) is not None


def split_words(text: str) -> tuple[str, str]:
    """Returns the first of several things in a text, and the rest; nothing is the rest of one thing."""
    parts = [part.strip(" ,;+.") for part in _SEVERAL.split(text, maxsplit=1)]
    return (parts[0], parts[-1]) if len(parts) > 1 and parts[0] and parts[-1] else (text.strip(), "")
