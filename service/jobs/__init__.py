"""The outbox, the worker, and work that comes back by itself."""
