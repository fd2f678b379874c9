"""What is asked of a platform, in plain words: each scope, claim and placement one sentence that says what it is for."""

from typing import Any

from flask_babel import lazy_gettext as _

from service.lti import asking
from service.lti.asking import Difference

SCOPES = {
    asking.ROSTER: _("See who takes part in a course, so that a coach finds her whole group from the first day."),
    asking.LINE_ITEM: _("Make a column in the gradebook for completion. Off until the training department switches it on."),
    asking.LINE_ITEM_READ: _("See the columns that it made, so that none is made twice."),
    asking.RESULT: _("Read back what stands in its own column, so that an error can be put right."),
    asking.SCORE: _("Write that somebody has completed an activity: 1 of 1, nothing else."),
    asking.NOTICE_HANDLERS: _("Be told when a course is copied, so that the copy knows where it comes from."),
}  # fmt: skip
CLAIMS = {
    "name": _("Names, so that managers and coaches see whom they work with. Without them everybody is a number."),
    "locale": _("Language and time zone, so that words and days are right where the person is."),
    "sub": _("An id that means nothing outside the platform, so that a person finds her own things again."),
}
PLACEMENTS = {
    "course_navigation": _("The menu of a course. It is off in every course until somebody switches it on there."),
    "assignment_selection": _("The page where a teacher makes an assignment."),
    "link_selection": _("The page where a teacher adds something to a module."),
    "ContentArea": _("The page where a teacher adds an activity to a course."),
}
LOST = {
    asking.ROSTER: _("Stegvis may not read the roster: people appear when they open it for the first time."),
    asking.LINE_ITEM: _("Stegvis may not make columns in the gradebook: only columns that the platform makes are filled."),
    asking.LINE_ITEM_READ: _("Stegvis may not look at its columns in the gradebook."),
    asking.RESULT: _("Stegvis may not read back what it wrote to the gradebook."),
    asking.SCORE: _("Stegvis may not write to the gradebook: completion is not sent."),
    asking.NOTICE_HANDLERS: _("Stegvis is not told when a course is copied; it learns of it when the copy is opened."),
    "name": _("Names are not shared: people are shown as numbers."),
    "given_name": _("Given names are not shared."),
    "family_name": _("Family names are not shared."),
    "course_navigation": _("Stegvis cannot be put in a course's menu."),
    "assignment_selection": _("Stegvis cannot be chosen where an assignment is made."),
    "link_selection": _("Stegvis cannot be chosen where a module is filled."),
    "ContentArea": _("Stegvis cannot be chosen where an activity is added."),
}  # fmt: skip
MORE = {
    "email": _("The platform shares e-mail addresses, which was not asked for. Stegvis does not keep them."),
    "picture": _("The platform shares pictures, which was not asked for. Stegvis does not keep them."),
}


def told(differences: list[Difference]) -> list[Any]:
    """Returns one sentence for each difference; a scope or placement that has no words of its own stands as it is."""
    return [MORE[one.name] if one.more else LOST.get(one.name, one.name) for one in differences]
