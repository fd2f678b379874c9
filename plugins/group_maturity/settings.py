"""What the training department may set for a cohort."""

from typing import Annotated

from pydantic import Field

from service.contract import PluginSettings


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
