"""The guests' pages: for somebody who holds a link and has no account."""

from flask import Blueprint

from service.contract import current_guest, page, requires, revoke_pass

guest_pages = Blueprint("example", __name__, template_folder="templates")


@guest_pages.get("/")
@requires("example.visit")
def greeting() -> tuple[str, int]:
    """Greets the guest with the name of the course and nothing about anybody."""
    return page("example/greeting.html", course=current_guest().cohort.title)


@guest_pages.post("/done")
@requires("example.visit")
def done() -> tuple[str, int]:
    """Ends the link."""
    revoke_pass(current_guest().pass_id)
    return page("example/done.html")
