"""The second door: people without an account who hold a link."""
