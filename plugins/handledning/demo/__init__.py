"""The practice cohort: engagements in different places, made by the plugin's own operations, each at its own time."""

from plugins.handledning.demo.story import seed

__all__ = ["seed"]
