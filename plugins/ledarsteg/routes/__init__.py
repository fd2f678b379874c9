"""The pages, by subject: parse, call one operation, render."""

from plugins.ledarsteg.routes import habits, today
from plugins.ledarsteg.routes.base import bp

__all__ = ["bp", "habits", "today"]
