"""What the training department may set for a cohort."""

from pydantic import Field

from service.contract import PluginSettings


class LedarstegSettings(PluginSettings):
    """Few steps at a time are kept, so the first month allows only some. What a coach sees, managers are told."""

    max_active_first_month: int = Field(default=3, ge=1, le=10)
    # Whether a coach sees on how many days each of her managers notes something, whatever she shares.
    coach_sees_activity: bool = True
