"""What went wrong when a platform was to be connected, one sentence for each reason, and what to do about it."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

_ANEW = _("Begin the registration again in the learning platform, with the same registration address.")
_AGAIN = _("Wait a moment and try again. If it goes on, ask whoever runs the learning platform.")
_PLATFORM = _("Tell whoever runs the learning platform, and begin again when it has been put right.")
_BY_HAND = _("Connect this platform by hand instead: the addresses to copy are on the page below.")
_OPERATOR = _(
    "If the platform is yours and lies inside your own network, ask whoever runs Stegvis to allow its address."
)
_TIDY = _("If the platform now lists a half-made Stegvis, delete it there before you begin again.")
# What a real Moodle and a real Canvas answer, in words. Anything else is shown as it came.
_SAID = {
    "missing_domain": _("it did not find our address in the request"),
    "domain_targetlinkuri_mismatch": _("our address and the address of the activity do not fit together"),
}


@dataclass(frozen=True)
class Trouble:
    """What happened and what to do. `by_hand`: the page with the values to copy helps. `again`: the same form may be sent."""

    happened: Any
    todo: tuple[Any, ...]
    by_hand: bool = False
    again: bool = False


_AT_THE_PLATFORM: dict[str, Trouble] = {
    "url": Trouble(_("The platform did not say where its configuration is, or not as a web address."), (_ANEW,)),
    "token": Trouble(_("What came with the address is not a registration token."), (_ANEW,)),
    "not_https": Trouble(_("The platform gave an address that does not begin with https."), (_PLATFORM,)),
    "private_address": Trouble(_("The platform gave an address in a private network, where Stegvis does not go."), (_OPERATOR,)),
    "name": Trouble(_("The platform gave an address whose host does not exist."), (_PLATFORM,)),
    "redirect": Trouble(_("The platform sent us on to another address, which Stegvis does not follow."), (_PLATFORM,)),
    "too_large": Trouble(_("The platform answered with far more than an answer holds."), (_PLATFORM,)),
    "timeout": Trouble(_("The platform did not answer in time."), (_AGAIN, _TIDY), again=True),
    "connection": Trouble(_("The platform could not be reached, or broke the connection."), (_AGAIN, _TIDY), again=True),
    "broken": Trouble(_("The platform answered that something is wrong with itself."), (_AGAIN, _TIDY), again=True),
    "not_json": Trouble(_("What the platform answered is not a configuration of a learning platform."), (_PLATFORM,)),
    "token_refused": Trouble(_("The platform does not accept its registration token any more: used, or too old."), (_ANEW,)),
    "other_organisation": Trouble(_("This registration belongs to another organisation here. It was not changed."), (_OPERATOR,)),
    "answer_unreadable": Trouble(_("The platform registered something, but its answer cannot be read."), (_TIDY, _ANEW)),
    "invite_in_use": Trouble(_("Somebody else is using this invite at this very moment."), (_AGAIN,), again=True),
    "invite_gone": Trouble(_("The invite was used or taken back while the platform was being asked."), (_TIDY,)),
    "form": Trouble(_("The form is not one that Stegvis made for this invite."), (_ANEW,)),
    "form_expired": Trouble(_("The page was open for more than an hour."), (_ANEW,)),
}  # fmt: skip


def explain(reason: str, detail: str) -> Trouble:
    """Returns the sentence for a reason. `detail` is what the platform said, or which part is wrong."""
    known = _AT_THE_PLATFORM.get(reason)
    if known is not None:
        return known
    if reason == "issuer":
        sentence = gettext(
            "The configuration says that it belongs to %(issuer)s, and that is not where it lies.", issuer=detail
        )
        return Trouble(sentence, (_PLATFORM, _BY_HAND), by_hand=True)
    if reason == "fields":
        return Trouble(
            gettext("The platform's configuration lacks or misspells: %(names)s.", names=detail), (_PLATFORM,)
        )
    if reason == "address":
        sentence = gettext("The platform's configuration has no address with https for %(name)s.", name=detail)
        return Trouble(sentence, (_PLATFORM,))
    if reason == "status":
        return Trouble(gettext("The platform answered with status %(status)s.", status=detail), (_ANEW, _PLATFORM))
    said = gettext("The platform did not register Stegvis. It said: %(said)s.", said=str(_SAID.get(detail, detail)))
    happened = said if detail else gettext("The platform did not register Stegvis.")
    return Trouble(happened, (_PLATFORM, _BY_HAND), by_hand=True)
