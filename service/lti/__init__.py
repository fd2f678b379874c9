"""Everything that speaks LTI, and nothing that does not."""
