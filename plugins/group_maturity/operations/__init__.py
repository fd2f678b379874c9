"""The verbs of the plugin, one module per subject. No Flask: they run in a request, in a worker and in the practice cohort.

`ratings` are a manager's own pictures; `instruments`, `measurements`, `answering`, `closing`, `reports`, `sharing` and
`overview` are the way of a measurement, `words` what people wrote in it, `waves` what came before and after it; `person` is
a person's own copy and her erasure.
"""

from plugins.group_maturity.operations.ratings import (
    CONTRIBUTION_LENGTH,
    CONTRIBUTION_SCALE,
    SIDES,
    Answers,
    Profile,
    answers_of,
    begin,
    draft,
    erase_all,
    everything_of,
    get,
    instrument_of,
    latest_by_person,
    profile,
    profile_of,
    retest_on,
    save,
    submit,
    submitted,
    write_contribution,
)

__all__ = [
    "CONTRIBUTION_LENGTH", "CONTRIBUTION_SCALE", "SIDES", "Answers", "Profile", "answers_of", "begin", "draft", "erase_all",
    "everything_of", "get", "instrument_of", "latest_by_person", "profile", "profile_of", "retest_on", "save", "submit",
    "submitted", "write_contribution",
]  # fmt: skip
