"""Why a roster could not be read, in sentences. Who reads one may have to pass it on, so each says what is to be done."""

from flask_babel import lazy_gettext as _

_ALLOW = _(
    "The learning platform does not let Stegvis read the roster. "
    "Its administrator has to allow Stegvis the service for names and roles."
)
_ACCOUNT = _(
    "The learning platform does not accept the registration of Stegvis. "
    "Its administrator has to compare client id and key set."
)
_OTHER = _("The learning platform answered with something else than a roster.")
_LARGE = _("The roster is too large to be read.")
AGAIN = _("The learning platform does not answer as it should just now. It is tried again by itself.")

# `address` is that of our public keys.
WHY = {
    "status_403": _ALLOW,
    "scope_not_granted": _ALLOW,
    "unauthorized": _ALLOW,
    "status_404": _(
        "The learning platform does not find the course's roster. "
        "Open Stegvis from the course once more, so that it tells the address anew."
    ),
    "platform_cannot_fetch_keys": _(
        "The learning platform could not fetch the public keys of Stegvis. "
        "Its administrator has to let it reach %(address)s."
    ),
    "platform_lacks_our_key": _(
        "The learning platform does not know the present key of Stegvis yet. It is tried again by itself."
    ),
    "clocks_differ": _(
        "The clocks of the learning platform and of Stegvis differ too much. "
        "The platform's administrator has to set the clock."
    ),
    "token_invalid_client": _ACCOUNT,
    "token_refused": _ACCOUNT,
    "token_address": _ACCOUNT,
    "platform_not_active": _("The learning platform is not active in Stegvis."),
    "next_origin": _("The learning platform named another address for the next page. Stegvis does not go there."),
    "next_loop": _("The learning platform's roster led in a circle."),
    "too_many_pages": _LARGE,
    "too_many_members": _LARGE,
    "too_large": _LARGE,
    "not_json": _OTHER,
    "not_a_roster": _OTHER,
    "link_header": _("The learning platform's roster names its next page in a way that cannot be read."),
    "empty": _("The learning platform answered with an empty roster. Nobody has been taken out."),
}
