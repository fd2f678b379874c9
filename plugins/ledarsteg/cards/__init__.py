"""What the plugin shows: on a member's own page (`home`), its own pages by subject, and of a whole cohort (`cohort`)."""
