"""The pages, by subject: parse, call one operation, render."""

from plugins.ledarsteg.routes import coach, habits, mate, today
from plugins.ledarsteg.routes.base import bp

__all__ = ["bp", "coach", "habits", "mate", "today"]
