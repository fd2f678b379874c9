"""A report as people see it: `source` gathers it, `view` shapes it, `words` say it, `files` write it, `paper` prints it.

What is given out before there is one, invitations, slips and cards, is `invitations`.
"""
