"""The form for a new export: what, and in which of the formats that it has."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import Form, RadioField, SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import InputRequired

from service.exports.catalogue import Offer
from service.exports.models import ExportFormat

FORMATS = {
    ExportFormat.XLSX: "Excel", ExportFormat.CSV: "CSV", ExportFormat.PDF: "PDF", ExportFormat.JSON: "JSON",
    ExportFormat.ZIP: "ZIP",
}  # fmt: skip
CHOOSE_WHAT = lazy_gettext("Choose what the file is to contain.")
CHOOSE_FORMAT = lazy_gettext("Choose one of the formats that this file has.")


class NewExport(Form):
    """What, and in which format."""

    what = RadioField(  # type: ignore[call-arg]  # invalid_choice_message is newer than the type stubs
        lazy_gettext("What do you want?"), validators=[InputRequired(CHOOSE_WHAT)], invalid_choice_message=CHOOSE_WHAT
    )
    format = RadioField(  # type: ignore[call-arg]  # as above
        lazy_gettext("Format"), validators=[InputRequired(CHOOSE_FORMAT)], invalid_choice_message=CHOOSE_FORMAT
    )
    chosen: Offer | None = None

    def offer(self, offers: Sequence[Offer], what: str = "") -> None:
        """Fills in what there is to choose, and the formats of what is chosen: `what`, what was sent, or the first."""
        self.what.choices = [SelectChoice(offer.code, offer.export.title) for offer in offers]
        wanted = self.what.data if self.what.raw_data else what
        self.chosen = next((offer for offer in offers if offer.code == wanted), offers[0] if offers else None)
        if self.chosen is None:
            self.format.choices = []
            return
        self.format.choices = [SelectChoice(one.value, FORMATS[one]) for one in self.chosen.formats]
        if not self.what.raw_data:
            self.what.data = self.chosen.code
        # Whatever was sent, one that this file has stands chosen when the page is shown again.
        if not self.format.raw_data and self.chosen.formats:
            self.format.data = self.chosen.formats[0].value

    def show_formats(self) -> None:
        """Forgets the format that was sent, for a page that asks for one of another file's."""
        self.format.errors = []
        self.format.data = self.chosen.formats[0].value if self.chosen else None

    @property
    def format_names(self) -> str:
        """The formats of what is chosen, in a sentence's middle."""
        names = [FORMATS[one] for one in self.chosen.formats] if self.chosen else []
        return str(_(" or ")).join(names)
