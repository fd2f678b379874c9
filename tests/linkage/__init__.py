"""The attack on anonymity: somebody has everything that is kept, and tries to say who has answered what."""
