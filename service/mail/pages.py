"""A person's own page about mail: the address she gives, and what she wants to get there."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from service.access import Role, requires
from service.cohorts.current import stay
from service.core import core
from service.errors import Invalid, NotFound
from service.mail import addresses
from service.mail.models import AddressState
from service.web import page

Answer = Response | tuple[str, int]


@requires("core.member")
def own() -> Answer:
    """Shows her address and what comes there. Where no mail is sent the page says so."""
    return _show(done=request.args.get("done", ""))


@requires("core.member")
def give() -> Answer:
    """Takes an address and sends the question whether it is right."""
    _check_on()
    here, text = stay(), request.form.get("address", "")
    try:
        row = addresses.give(here.person, text, here.locale, here.actor)
    except Invalid as wrong:
        return _show(status=422, typed=text[: addresses.LONGEST], wrong=wrong.fields["address"])
    return redirect(url_for("l.mail", done="asked" if row.state is AddressState.PENDING else "kept"), 303)


@requires("core.member")
def choose() -> Answer:
    """Sets what she wants to get."""
    here = stay()
    # Where she is no coach the page does not ask, and changes nothing about it.
    digest = "digest" in request.form if here.role is Role.COACH else None
    addresses.choose(here.person, reading="reading" in request.form, digest=digest, actor=here.actor)
    return redirect(url_for("l.mail", done="chosen"), 303)


@requires("core.member")
def remove() -> Answer:
    """Forgets her address."""
    here = stay()
    addresses.remove(here.person, here.actor)
    return redirect(url_for("l.mail", done="removed"), 303)


def _check_on() -> None:
    if not core().settings.sends_mail:
        raise NotFound("no_mail")


def _show(*, status: int = 200, done: str = "", typed: str | None = None, wrong: str = "") -> tuple[str, int]:
    here = stay()
    row = addresses.of(here.person)
    address = row.address if row is not None else ""
    return page(
        "mail/own.html", status=status, on=core().settings.sends_mail, row=row, address=address,
        state=row.state.value if row is not None else "", typed=address if typed is None else typed, wrong=wrong,
        done=done, coach=here.role is Role.COACH,
    )  # fmt: skip
