"""The two kinds of copy."""

OWN, SUPPLEMENT = "own_data", "own_data_supplement"
