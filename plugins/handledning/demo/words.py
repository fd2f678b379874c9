"""What the made-up people write. Nobody real has said any of it."""

from dataclasses import dataclass

from plugins.handledning.models import HomeworkKind, Scope, Theme, ValueType
from plugins.handledning.operations.goals import GoalDraft

# (process, result) minutes, decision, what is expected of it, homework, how it shows, of which kind it is
TALKS = (
    (70, 80, "Schemaansvaret ligger hos teamet från vecka 2. Jag går bara in om någon ber mig två gånger.",
     "Färre frågor på morgonmötet. Två timmar i veckan till ledartid.",
     "Låt teamet lägga schemat en vecka", "Schemat är klart fredag utan att någon frågat mig", HomeworkKind.EXPERIMENT),
    (85, 65, "Jag slutar svara på frågor som gruppen kan svara på själv.",
     "Att fler vänder sig till varandra.",
     "Fråga tillbaka innan jag svarar", "Jag har tre exempel nedskrivna varje fredag", HomeworkKind.PRACTICE),
    (60, 75, "Enskilda samtal går före mejlen på tisdagar.",
     "Att jag vet hur det står till innan det brinner.",
     "Boka samtal med två medarbetare", "Tiderna står i båda kalendrarna", HomeworkKind.TASK),
)  # fmt: skip

# What came of a decision, and what it taught.
LESSONS = (
    ("De löste allt utom helgen.", "Jag kan säga vad som är fast, och släppa resten."),
    ("Två frågor om dagen i stället för tio.", "Tystnaden är min att tåla."),
    ("Jag fick veta om flytten en vecka före alla andra.", "Det tar en halvtimme och sparar två dagar."),
)

# What a session is to be about, and an answer to a question before it.
TOPICS = (
    ("Vad jag gör med morgonmötet när frågorna inte längre är mina.", "Att de ringer varandra före mig."),
    ("Hur jag håller emot när någon vill ha ett svar direkt.", "När jag sa att jag inte visste. Då visste de."),
    ("Vad jag säger till min chef om omorganisationen.", "Schemat, och vem som tar vilken brukare."),
)

# What each notes for herself, and what the coach writes for both.
OWN_NOTES = (
    "Jag märker att jag svarar snabbast när jag är trött.",
    "Lena sa emot mig på mötet. Det var bra, och det sved.",
    "Jag ville hjälpa till med schemat igen. Lät bli.",
)
SHARED_NOTES = (
    "Du sa tre gånger att de klarar det. Vad händer om du säger det till dem?",
    "Jag såg dig vänta ut tystnaden i dag. De två sista frågorna kom ur den.",
    "När du berättar om helgen talar du fortare. Vad är det som gör det?",
)
COACH_NOTES = (
    "Återkommer till vad hon skyddar när hon tar över. Vänta med det.",
    "Inte fler verktyg nu. Fråga vad hon redan gör.",
    "Nästa gång: börja med det som gick bra.",
)

CALLS = ("Kort om hur första veckan gick.", "Flyttade tiden för nästa tillfälle.", "")


@dataclass(frozen=True)
class GoalStory:
    """A goal with its five levels, the first activity, where it began and where it is at each session."""

    draft: GoalDraft
    levels: tuple[str, str, str, str, str]
    activity: str
    more: str
    begins: int
    then: tuple[int, ...]


GOALS = (
    GoalStory(
        GoalDraft(
            "Teamet planerar sin egen vecka", Scope.PROFESSIONAL, Theme.PEOPLE, ValueType.PERFORMANCE,
            behaviour="Jag frågar tillbaka i stället för att svara",
            what="Gruppen lägger schema och fördelar arbetet utan att jag är med", where="med dagteamet",
            measure="Frågor till mig på morgonmötet", unit="per vecka", baseline="12", target="3",
            reason="Min chef har sagt ja till att pröva terminen ut",
            value="Två timmar ledartid i veckan för mig, och medarbetare som litar på varandra.",
            importance=3, difficulty=2,
        ),
        ("Jag lägger hela schemat själv", "Jag lägger schemat och frågar efter önskemål", "Teamet lägger schemat, jag är med",
         "Teamet lägger schemat och berättar för mig", "Andra team frågar vårt hur vi gör"),
        "Visa teamet vad som är fast i schemat", "Låta två i teamet hålla i planeringen", -1, (0, 0, 1),
    ),
    GoalStory(
        GoalDraft(
            "Jag tar svåra samtal inom en vecka", Scope.PERSONAL, Theme.EMOTIONS, ValueType.RELATION,
            what="Jag bokar samtalet när jag märker att jag går och väntar", value="Att sova på söndagar.",
            importance=2, difficulty=2, slow=True,
        ),
        ("Jag låter bli", "Jag tar dem efter en månad", "Jag tar dem inom en vecka", "Jag tar dem samma dag",
         "Andra kommer till mig först"),
        "Skriva ner vilka samtal som väntar", "Boka det första", -2, (-1, -1, 0),
    ),
)  # fmt: skip

LIFE = GoalDraft(
    "Hemma till middagen tre kvällar i veckan", Scope.LIFE, importance=3, difficulty=1,
    value="Att barnen slutar fråga när jag kommer.",
)  # fmt: skip
