"""The pages, by subject: parse, call one operation, render."""

from plugins.ledarsteg.routes import balance, contributions, habits, leader_time, time, today
from plugins.ledarsteg.routes.base import bp

__all__ = ["balance", "bp", "contributions", "habits", "leader_time", "time", "today"]
