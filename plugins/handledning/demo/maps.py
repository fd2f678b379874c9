"""The map of one made-up manager's role."""

import uuid

from plugins.handledning import operations
from plugins.handledning.calculations import Source, Zone
from plugins.handledning.operations import (
    Access,
    OperationsDraft,
    Part,
    QuestionDraft,
    RelationDraft,
    RoleDraft,
    RowDraft,
)

ROLE = ("Bemanning och schema", "Medarbetarsamtal och utveckling", "Budget och inköp", "Kvalitet och avvikelser")
RELATIONS = (
    ("Verksamhetschefen", 4, "Få mandat för schemat", "Vi prövar till jul."),
    ("Chefen för kvällsenheten", 2, "Dela vikarier", "Vi pratade förbi varandra."),
    ("Facket", 3, "Vara tidigt ute", "De uppskattade att få veta först."),
)
QUESTIONS = (
    ("Vem lägger schemat?", Zone.PROPOSE, Zone.OWN, Source.ASSUMPTION),
    ("Vem anställer på vikariat?", Zone.CONSULT, Zone.OWN, Source.DELEGATION),
    ("Vem bestämmer mötestiderna?", Zone.OWN, Zone.OWN, Source.BOSS),
    ("Vem beslutar om inköp över 20 000 kr?", Zone.GIVEN, Zone.PROPOSE, Source.DELEGATION),
    ("Vem talar med anhöriga om klagomål?", Zone.CONSULT, Zone.CONSULT, Source.ASSUMPTION),
)
OPERATIONS = (("Färre fallolyckor på avdelningen", "V12"), ("Sjukfrånvaro under sju procent", "V3"))


def draw(manager: Access) -> None:
    """Draws the whole map, and shares the parts about discretion and role."""
    situation = "Jag går in i allt. Gruppen frågar mig om det mesta, och veckan är slut innan jag har hunnit tänka."
    operations.write_situation(
        manager, 0, situation, "Låta teamet lägga schemat och bara gå in när någon ber mig två gånger."
    )
    lists: tuple[tuple[type[RowDraft], list[RowDraft]], ...] = (
        (RoleDraft, [RoleDraft(uuid.uuid4(), text) for text in ROLE]),
        (RelationDraft, [RelationDraft(uuid.uuid4(), *row) for row in RELATIONS]),
        (QuestionDraft, [QuestionDraft(uuid.uuid4(), *row) for row in QUESTIONS]),
        (OperationsDraft, [OperationsDraft(uuid.uuid4(), *row) for row in OPERATIONS]),
    )
    for kind, drafts in lists:
        operations.write_rows(manager, operations.map_of(manager).version, kind, drafts)
    for part in (Part.ROLE, Part.DISCRETION):
        operations.share_part(manager, part, shared=True)
