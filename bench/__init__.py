"""Measurements: each a ratio to its floor in the same run, medians of interleaved repeats."""
