"""Platforms' people: persons, cohorts, members, and the door they come through."""
