"""What the training department may set for a cohort."""

from pydantic import Field

from service.contract import PluginSettings


class LedarstegSettings(PluginSettings):
    """Few steps at a time are kept, so the first month allows only some."""

    max_active_first_month: int = Field(default=3, ge=1, le=10)
