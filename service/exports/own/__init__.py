"""A person's own data as one ZIP: `data.json` for machines, `data.html` and `data.pdf` for people, and a signed manifest."""
