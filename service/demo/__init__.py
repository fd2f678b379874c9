"""The practice LMS and its made-up cohort: for trying out and for tests, never part of the running service."""
