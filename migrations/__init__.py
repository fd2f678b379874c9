"""The one Alembic environment: one linear history for the core and the bundled plugins."""
