"""The form for a new export."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import Form, RadioField, SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import InputRequired

from service.exports.catalogue import Offer
from service.exports.models import ExportFormat

FORMATS = ((ExportFormat.XLSX.value, "Excel"), (ExportFormat.CSV.value, "CSV"))
CHOOSE_WHAT = _l("Choose what the file is to contain.")
CHOOSE_FORMAT = _l("Choose Excel or CSV.")


class NewExport(Form):
    """What, and in which format."""

    what = RadioField(  # type: ignore[call-arg]  # invalid_choice_message is newer than the type stubs
        _l("What do you want?"), validators=[InputRequired(CHOOSE_WHAT)], invalid_choice_message=CHOOSE_WHAT
    )
    format = RadioField(  # type: ignore[call-arg]  # as above
        _l("Format"), choices=[SelectChoice(code, name) for code, name in FORMATS], default=ExportFormat.XLSX.value,
        validators=[InputRequired(CHOOSE_FORMAT)], invalid_choice_message=CHOOSE_FORMAT,
    )  # fmt: skip

    def offer(self, offers: Sequence[Offer]) -> None:
        """Fills in what there is to choose; the first is chosen unless something was."""
        self.what.choices = [SelectChoice(offer.code, offer.export.title) for offer in offers]
        if not self.what.raw_data and offers:
            self.what.data = offers[0].code
