"""Texts in files: one that does not open stops no file, and the file says so in its place."""

from typing import Any

from service.contract import Actor, Cohort, ExportScope, opened, session
from service.contract import gettext as _


def text_of(scope: ExportScope, row: Any, name: str) -> str:
    """Returns a text of a row; where it does not open (damaged, or its key was destroyed), a sentence that says so."""
    cohort = session().get_one(Cohort, scope.cohort_id)
    actor = Actor(cohort.organisation_id, scope.person_id, scope.role.value, cohort.id)
    found = opened(row, name, actor=actor)
    return _("This text could not be read.") if found is None else found
