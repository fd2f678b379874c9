"""Files people ask for: requested, written, kept, handed out."""
