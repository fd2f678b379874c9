"""What people type: the time of a session, and everything on a session's page."""

from plugins.handledning.forms.fields import FrameForm, SpentForm
from plugins.handledning.forms.page import Difference, Page, differences, frame_data

__all__ = ["Difference", "FrameForm", "Page", "SpentForm", "differences", "frame_data"]
