"""Eight weeks of made-up habits for the practice cohort, made by the plugin's own operations at the time they tell of.

A history is one letter per planned day, repeated from the first day on: D done, P partly, M not done, S skipped, and a dot
for a day that nobody noted.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plugins.ledarsteg.calculations import WORKING_DAYS, Kind, Per, Rhythm, State, days, is_planned
from plugins.ledarsteg.models import Habit, SkipReason
from plugins.ledarsteg.operations import counting, demo_journal, demo_others, demo_time
from plugins.ledarsteg.operations.changing import pause
from plugins.ledarsteg.operations.entries import Note, mark
from plugins.ledarsteg.operations.habits import Dropped, NewHabit, PlanText, make_habit, retire
from plugins.ledarsteg.operations.owner import Owner
from plugins.ledarsteg.operations.sharing import share
from service.contract import Cohort, DemoCast, Person, session

LETTERS = {"D": State.DONE, "P": State.PART, "M": State.MISSED, "S": State.SKIP}
TUE_THU, MONDAY = Rhythm(weekdays=0b0001010), Rhythm(weekdays=0b0000001)
STAR = "Karin Lindqvist"


@dataclass(frozen=True)
class Told:
    """A made-up habit: how it went, since how many days, if it is shared, and after how many days it went quiet.

    `rested` are the first and last day of a pause, in days before today.
    """

    new: NewHabit
    history: str
    since: int = 56
    shared: bool = False
    quiet_after: int = 10_000
    done_today: bool = False
    retired: bool = False
    rested: tuple[int, int] | None = None


STORIES: Sequence[Sequence[Told]] = (
    (
        Told(
            NewHabit(
                "Fråga en medarbetare vad hon behöver",
                plan=PlanText(
                    "jag har hämtat första kaffet", "frågar jag en medarbetare vad hon behöver",
                    "Är alla upptagna frågar jag den första jag möter efter lunch.",
                ),
                minutes=10, drop=Dropped("Läsa alla kopior av mejl", 60),
            ),
            "DDDMDDDSDD", done_today=True,
        ),
        Told(
            NewHabit(
                "Ledartid före mejlen", Kind.MINUTES, Rhythm(weekdays=WORKING_DAYS, target=15),
                drop=Dropped("Mejlen före klockan nio", 75),
                plan=PlanText("jag har hängt av mig jackan", "stänger jag dörren och tar 15 minuter ledartid"),
            ),
            "DPDDSD.DPM",
        ),
        Told(
            NewHabit(
                "Lämna över ett beslut", rhythm=Rhythm(per=Per.WEEK, target=3), drop=Dropped("Statusmötet på måndagar", 45),
                plan=PlanText("någon ber mig bestämma på morgonmötet", "frågar jag vad hon själv föreslår"),
            ),
            "D.D.D..DD..M..D.DD...", since=130, shared=True, rested=(80, 60),
        ),
    ),
    (
        Told(
            NewHabit(
                "Gå en runda i verksamheten", minutes=15, drop=Dropped("Måndagsrapporten", 30),
                plan=PlanText("klockan är tio", "går jag en runda utan telefon", "Regnar det ringer jag två kollegor."),
            ),
            "DDDDSDDDMD", shared=True,
        ),
    ),
    (
        Told(
            NewHabit("Säg vad som gick bra", plan=PlanText("morgonmötet slutar", "berömmer jag en konkret insats")),
            "D.DM.DD...",
        ),
        Told(
            NewHabit("Stäng av aviseringarna", rhythm=TUE_THU, plan=PlanText("jag öppnar datorn", "stänger jag av dem")),
            "DDDD", since=40, retired=True,
        ),
    ),
    (
        Told(
            NewHabit(
                "Lyssna klart innan jag svarar", drop=Dropped("Svara i mobilen under möten", 40),
                plan=PlanText("någon kommer med ett problem", "räknar jag till tre före svaret"),
            ),
            "DDMDDMDSDD", shared=True, since=45,
        ),
    ),
    (
        Told(
            NewHabit("Avsluta mötet i tid", plan=PlanText("mötet har tio minuter kvar", "sammanfattar jag beslutet")),
            "DMDMM", shared=True, quiet_after=30,
        ),
    ),
    (
        Told(
            NewHabit(
                "Planera veckan", rhythm=MONDAY, minutes=15, plan=PlanText("måndagen börjar", "väljer jag veckans tre saker")
            ),
            "DDDMDDDD",
        ),
    ),
    (
        Told(
            NewHabit("Ta emot ett nej", rhythm=TUE_THU, plan=PlanText("någon säger nej till mig", "tackar jag för rakheten")),
            "DMSD", since=12,
        ),
    ),
    (
        Told(
            NewHabit("Tacka för en fråga", plan=PlanText("någon frågar något svårt", "tackar jag innan jag svarar")),
            "DDMD", since=21,
        ),
    ),
)  # fmt: skip


def seed(cohort: Cohort, cast: DemoCast) -> None:
    """Gives each manager of the cast her story, the best known one the fullest. The last have none yet."""
    names = {member.id: _name(member.person_id) for member in cast.managers}
    cast_in_order = sorted(cast.managers, key=lambda member: names[member.id] != STAR)
    for member, story in zip(cast_in_order, STORIES, strict=False):
        for index, told in enumerate(story):
            _tell(Owner.of(cohort, member), told, cast, minute=index)
        if names[member.id] == STAR:
            demo_time.seed(Owner.of(cohort, member), cast)
    owners = [Owner.of(cohort, member) for member in cast_in_order]
    demo_journal.seed(cohort, cast, owners)
    demo_others.seed(cohort, cast, owners)
    # As the hourly job would have by now.
    for cohort_id, (first, last) in counting.changed().items():
        counting.count_days(cohort_id, first, last)


def _name(person_id: uuid.UUID) -> str:
    """Returns the person's name."""
    person = session().get(Person, person_id)
    return person.name if person else ""


def _tell(owner: Owner, told: Told, cast: DemoCast, minute: int) -> None:
    first = cast.today - timedelta(told.since)
    # Whatever day the practice cohort is made on, there is something to do on it.
    weekdays = told.new.rhythm.weekdays | 1 << cast.today.weekday()
    new = replace(told.new, rhythm=replace(told.new.rhythm, weekdays=weekdays))
    with cast.at(_moment(first, owner.zone, minute)):
        habit = make_habit(owner, new)
        if told.shared:
            share(owner, habit.id)
    if told.rested:
        begin, end = (cast.today - timedelta(back) for back in told.rested)
        with cast.at(_moment(begin, owner.zone, minute)):
            pause(owner, habit.id, begin, end)
    planned = [day for day in days(first, cast.today - timedelta(1)) if is_planned(weekdays, day)]
    for index, day in enumerate(planned):
        _note(owner, habit, day, told, index, cast)
    if told.done_today:
        mark(owner, habit.id, cast.today, Note(State.DONE))
    if told.retired:
        with cast.at(_moment(cast.today - timedelta(1), owner.zone)):
            retire(owner, habit.id)


def _note(owner: Owner, habit: Habit, day: date, told: Told, index: int, cast: DemoCast) -> None:
    letter = told.history[index % len(told.history)]
    rests = told.rested is not None and told.rested[1] <= (cast.today - day).days <= told.rested[0]
    if letter in LETTERS and (day - habit.starts_on).days < told.quiet_after and not rests:
        with cast.at(_moment(day, owner.zone, minute=index % 50)):
            value = 10 if letter == "P" else None
            mark(owner, habit.id, day, Note(LETTERS[letter], value, SkipReason.OFF))


def _moment(day: date, zone: str, minute: int = 0) -> datetime:
    return datetime.combine(day, time(8, minute), ZoneInfo(zone))
