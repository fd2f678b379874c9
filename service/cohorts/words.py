"""What roles are called on the pages."""

from flask_babel import lazy_gettext as _l

from service.access import Role

ROLES = {
    Role.MANAGER: _l("Manager"),
    Role.COACH: _l("Coach"),
    Role.TRAINING: _l("Training department"),
    Role.CANDIDATE: _l("Administrator of the platform"),
    Role.NONE: _l("No role"),
}
