"""What the training department may set for a cohort."""

from typing import Annotated

from pydantic import Field

from service.contract import PluginSettings


class GroupSettings(PluginSettings):
    """Days after which home asks for a new rating: three months, and never under the four weeks that it asks about."""

    retest_after_days: Annotated[int, Field(ge=28, le=730)] = 90
