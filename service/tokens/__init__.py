"""The third door: secret addresses that a program reads, such as a calendar's."""
