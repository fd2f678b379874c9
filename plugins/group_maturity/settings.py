"""What the training department may set for a cohort."""

from typing import Annotated

from pydantic import Field

from service.contract import PluginSettings, SettingWords, lazy


class GroupSettings(PluginSettings):
    """What measurements in a cohort begin with; what is promised to a group is frozen when one opens."""

    # Days after which home asks for a new rating: three months, never under the four weeks that it asks about.
    retest_after_days: Annotated[int, Field(ge=28, le=730)] = 90
    # How many must have answered before anything is shown; the instrument may ask for more.
    min_respondents: Annotated[int, Field(ge=4, le=20)] = 5
    # Whether those who hold a link may read the same report as the manager.
    group_reads_report: bool = True
    # Whether the group is also asked about the manager: about one person whom everybody knows, so off until agreed.
    ask_group_about_manager: bool = False
    # Whether those who answer may also write a few lines of their own: words give people away, so off until agreed.
    ask_for_words: bool = False


WORDS = {
    "min_respondents": SettingWords(
        lazy("How many must have answered before anything is shown?"),
        lazy(
            "From 4 to 20. Five is usual; four only after a decision that is written down. It holds for measurements opened "
            "from now on."
        ),
    ),
    "retest_after_days": SettingWords(
        lazy("After how many days can a group be asked again?"),
        lazy("From 28 to 730. The questions are about the past four weeks, and change takes months."),
    ),
    "group_reads_report": SettingWords(
        lazy("The group may read the same report as its manager, on its links, for 90 days"),
        lazy("Recommended: who answers gets something back. The manager's own answers are never shown there."),
    ),
    "ask_group_about_manager": SettingWords(
        lazy("The group is also asked six statements about its manager"),
        lazy(
            "Feedback about one person whom everybody knows. Agree on it with managers and unions first. The mean is read by "
            "the manager and a coach she shares the report with, not by the group. She is told before a measurement opens, and "
            "those who answer on the first page."
        ),
    ),
    "ask_for_words": SettingWords(
        lazy("Those who answer may also write a few lines in their own words"),
        lazy(
            "Only in groups of ten or more. Words give people away more easily than numbers, so it is off until you have agreed "
            "on it. The manager alone reads them, mixed, when at least ten have answered and enough have written; nobody goes "
            "through them first. They are deleted 90 days after closing."
        ),
    ),
}
