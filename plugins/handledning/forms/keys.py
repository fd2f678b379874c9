"""The key of something new: made when its form is shown, so that sending it twice makes one and not two."""

import uuid

from wtforms import HiddenField

from plugins.handledning.forms.fields import Form, version_of
from plugins.handledning.forms.rows import is_id


class KeyForm(Form):
    """A form for something new."""

    key = HiddenField()

    def fresh(self) -> "KeyForm":
        """Gives an empty form its key."""
        self.key.data = self.key.data or str(uuid.uuid4())
        return self

    def row_id(self, within: uuid.UUID) -> uuid.UUID:
        """Returns the new row's id, bound to what it is made in: it can name nothing of anybody else's."""
        key = self.key.data or ""
        return uuid.uuid5(within, key if is_id(key) else str(uuid.uuid4()))


class VersionForm(Form):
    """A form for something that may have been changed since it was shown."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        """The version the page showed."""
        return version_of(self.version.data)
