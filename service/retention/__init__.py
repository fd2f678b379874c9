"""How long things are kept: the declared rules, what an organisation decided otherwise, and the daily work of it."""
