"""The plugin's part of the cohort dashboard: for a coach, and for the training department."""
