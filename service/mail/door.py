"""The secret addresses in mails: `/t/confirm/<word>` and `/t/stop/<word>`.

Looking shows a page with a button and changes nothing, so that a program that follows links in mails spends nothing.
Only the button does it; for stopping also a mail program's own (RFC 8058), which sends a POST without any page of ours.
"""

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask_babel import force_locale

from service.access import public
from service.core import open_unit
from service.mail import addresses, course
from service.mail.models import AddressState, MailAddress
from service.tokens.door import EXTENSION, PER_MINUTE

mail_links = Blueprint("mail_links", __name__)


@mail_links.get("/t/confirm/<word>", provide_automatic_options=False)
@public("whoever reads a mail that asks whether the address is right is not logged in here")
def ask_confirm(word: str) -> Response:
    """Asks whether the address is right."""
    _enter(writing=False)
    return _page("confirm", addresses.to_confirm(word))


@mail_links.post("/t/confirm/<word>", provide_automatic_options=False)
@public("as above; the word in the address is the credential")
def confirm(word: str) -> Response:
    """Confirms the address, once."""
    _enter(writing=True)
    return _page("confirmed", addresses.confirm(word))


@mail_links.get("/t/stop/<word>", provide_automatic_options=False)
@public("whoever reads a mail may end such mails without logging in")
def ask_stop(word: str) -> Response:
    """Asks whether the mails are to end."""
    _enter(writing=False)
    row = addresses.to_stop(word)
    return _page("stopped" if row.state is AddressState.STOPPED else "stop", row)


@mail_links.post("/t/stop/<word>", provide_automatic_options=False)
@public("as above; mail programs send this by themselves when their reader asks for no more (RFC 8058)")
def stop(word: str) -> Response:
    """Ends the mails."""
    _enter(writing=True)
    return _page("stopped", addresses.stop(word))


def _enter(*, writing: bool) -> None:
    current_app.extensions[EXTENSION].take(request.remote_addr or "", current_app.config[PER_MINUTE])
    open_unit(writing=writing)


def _page(what: str, row: MailAddress) -> Response:
    with force_locale(row.locale):
        way_back = course.of(row.person_id, None)
        return make_response(render_template("mail/link.html", what=what, way_back=way_back, lang=row.locale))
