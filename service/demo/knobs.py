"""What the platform's pages do when the tool's frame speaks to them, and how they misbehave."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass
class FrameKnobs:
    """How the pages around a tool's frame answer it.

    ``resize``: whether ``lti.frameResize`` is followed, ``storage``: whether there is platform storage; None for what the
    personality does, which is yes in Canvas and no in Moodle. ``silent``: no message is answered. ``wrong_origin``: the answers
    come from another site than was asked. ``wrong_message_id``: they name a question that nobody put.
    """

    resize: bool | None = None
    storage: bool | None = None
    silent: bool = False
    wrong_origin: bool = False
    wrong_message_id: bool = False

    def clear(self) -> None:
        """Put all back."""
        for field in fields(self):
            setattr(self, field.name, field.default)
