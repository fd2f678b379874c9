"""What roles are called on the pages."""

from flask_babel import lazy_gettext as _

from service.access import Role

ROLES = {
    Role.MANAGER: _("Manager"),
    Role.COACH: _("Coach"),
    Role.TRAINING: _("Training department"),
    Role.CANDIDATE: _("Administrator of the platform"),
    Role.NONE: _("No role"),
}
