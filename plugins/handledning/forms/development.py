"""The form of the development plan: all of it for the manager, what the two agree on for her coach."""

from wtforms import TextAreaField

from plugins.handledning.forms.fields import TEXT_MAX, plain_text, stripped
from plugins.handledning.forms.keys import VersionForm
from plugins.handledning.operations.development import PlanDraft
from service.contract import lazy


class SupportForm(VersionForm):
    """What either of the two writes."""

    support = TextAreaField(lazy("What support do we agree on?"), [plain_text(TEXT_MAX)])

    def draft(self) -> PlanDraft:
        """Returns what was typed."""
        return PlanDraft(support=stripped(self.support.data))


class PlanForm(VersionForm):
    """What the manager writes."""

    purpose = TextAreaField(lazy("What is the plan for?"), [plain_text(TEXT_MAX)])
    strengths = TextAreaField(lazy("What am I good at that helps?"), [plain_text(TEXT_MAX)])
    resources = TextAreaField(lazy("What do I need: time, people, money?"), [plain_text(TEXT_MAX)])
    support = TextAreaField(lazy("What support do we agree on?"), [plain_text(TEXT_MAX)])

    def draft(self) -> PlanDraft:
        """Returns what was typed."""
        return PlanDraft(
            *(stripped(field.data) for field in (self.purpose, self.strengths, self.resources, self.support))
        )
