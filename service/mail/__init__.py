"""Mail: that there is something to read, to an address the person gave herself, and never what it is."""
