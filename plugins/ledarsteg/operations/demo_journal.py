"""The practice cohort's journal: Karin's Aha, insights and Friday reviews, some of others', one text and two steps.

Made by the plugin's own operations, at the time they tell of. All of it is made up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plugins.ledarsteg.calculations import friday_of, reviewed_week
from plugins.ledarsteg.models import InsightKind, Slot
from plugins.ledarsteg.operations import insights, library, reviews
from plugins.ledarsteg.operations.insights import NewInsight
from plugins.ledarsteg.operations.library import StepDraft
from plugins.ledarsteg.operations.owner import Owner
from plugins.ledarsteg.operations.reviews import Look
from service.contract import Actor, Cohort, DemoCast, Role

HARD, OPERATIONS, SOMEBODY = 1, 2, 4


@dataclass(frozen=True)
class Thought:
    """An insight, so many days ago."""

    ago: int
    text: str
    kind: InsightKind = InsightKind.OBSERVATION
    shared: bool = False


THOUGHTS: Sequence[Thought] = (
    Thought(
        54, "Det är samtalen som är jobbet. Resten är det jag gör mellan dem.", InsightKind.CROSSROADS, shared=True
    ),
    Thought(33, "När jag är tyst i tio sekunder kommer förslaget ändå."),
    Thought(12, "Gruppen väntar in mig också när jag inte är där."),
)
# The latest week first; a week without a look was missed.
LOOKS: Sequence[Look | None] = (
    Look("Frågade Anna vad hon själv föreslog", HARD, 3, "En promenad utan telefon", 4, "", "Lämna över schemat"),
    Look("Sa vad jag saknade i rapporten, och varför det spelar roll", HARD | OPERATIONS, 2, "", 5, "Vecka av vikarier", ""),
    None,
    Look("Lyssnade klart på Jonas", SOMEBODY, 3, "Morgnarna hjälper", 3, "", "Ett möte mindre"),
    Look("Lät teamet bestämma om semestern", HARD | SOMEBODY, 3, "", 4, "", "Fråga innan jag svarar"),
    Look("Tackade för en rak fråga", SOMEBODY, 2, "", 4, "Mycket brand", ""),
    Look("Började med ledartid före mejlen", OPERATIONS, 2, "Ovant att sitta still", 4, "", "Hålla morgonen"),
)  # fmt: skip
# How many of the last weeks the next managers of the cast looked back on.
OTHERS = (5, 3, 6, 1)
CHALLENGES = """\
Så här ser det ut hos oss just nu (påhittat, för övningskursen):

- Fler brukare och färre sökande till tjänsterna.
- Chefer med upp till fyrtio medarbetare.
- Beslut som fattas högre upp än där arbetet görs.
"""
STEPS: Sequence[tuple[StepDraft, StepDraft]] = (
    (
        StepDraft(
            "Fråga innan du svarar", "någon vill ha ett svar av mig", "frågar jag vad som redan är prövat",
            "Räkna till **tio** innan du säger något mer. Förslaget brukar komma.", 5,
        ),
        StepDraft(
            "Ask before you answer", "somebody comes with a problem", "ask what she herself suggests",
            "Count to **ten** before you say anything more. The suggestion tends to come.", 5,
        ),
    ),
    (
        StepDraft(
            "En kvart före mejlen", "klockan är åtta och dörren är öppen", "stänger jag dörren i en kvart",
            "Skriv upp den enda sak som bara du kan göra i dag.", 15,
        ),
        StepDraft(
            "A quarter of an hour before the mail", "I have hung up my coat", "close the door for a quarter of an hour",
            "Write down the one thing that only you can do today.", 15,
        ),
    ),
)  # fmt: skip


def seed(cohort: Cohort, cast: DemoCast, owners: Sequence[Owner]) -> None:
    """Fills the journals of the first of `owners`, the best known one's whole, and the training department's texts."""
    for thought in THOUGHTS if owners else ():
        _think(owners[0], thought, cast)
    for owner, number in zip(owners, (len(LOOKS), *OTHERS), strict=False):
        for ago, look in enumerate(LOOKS[:number], start=1):
            if look is not None:
                _look_back(owner, look, ago, cast)
    _write_texts(
        Actor(cohort.organisation_id, cast.training.person_id, Role.TRAINING.value, cohort.id), cast, cohort.zone
    )


def _think(owner: Owner, thought: Thought, cast: DemoCast) -> None:
    with cast.at(_moment(cast.today - timedelta(thought.ago), owner.zone)):
        made = insights.capture(owner, NewInsight("", thought.text, thought.kind))
        if thought.shared:
            insights.share_insight(owner, made, on=True)


def _look_back(owner: Owner, look: Look, ago: int, cast: DemoCast) -> None:
    """Looks back on a week on its Friday; 1 is the week before the one that is left to do now."""
    monday = reviewed_week(cast.today) - timedelta(weeks=ago)
    with cast.at(_moment(friday_of(monday), owner.zone)):
        reviews.write_review(owner, monday, look, 0)


def _write_texts(actor: Actor, cast: DemoCast, zone: str) -> None:
    with cast.at(_moment(cast.today - timedelta(60), zone)):
        library.write_slot(actor, Slot.CHALLENGES, "sv", CHALLENGES.strip(), 0)
        for number, (swedish, english) in enumerate(STEPS):
            step_id = library.new_step(actor, f"practice {number}", "sv", swedish)
            library.write_step(actor, step_id, "en", english, 1)


def _moment(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(15), ZoneInfo(zone))
