"""Backup and restore: the whole database as one file, and a copy that does nothing until an operator says so."""
