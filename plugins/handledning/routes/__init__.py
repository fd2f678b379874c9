"""The pages: parse, load, call one operation, render. One module per subject, all on one blueprint."""

from plugins.handledning.routes import before, engagements, maps, papers, sessions, training
from plugins.handledning.routes.base import pages

__all__ = ["before", "engagements", "maps", "pages", "papers", "sessions", "training"]
