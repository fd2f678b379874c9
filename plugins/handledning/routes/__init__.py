"""The pages: parse, load, call one operation, render. One module per subject, all on one blueprint."""

from plugins.handledning.routes import engagements, sessions
from plugins.handledning.routes.base import pages

__all__ = ["engagements", "pages", "sessions"]
