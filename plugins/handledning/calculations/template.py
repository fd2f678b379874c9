"""The template of a coaching session: six parts, each with a time box and the side its minutes usually count to [H].

It opens, follows up, works on the topic, comes to decisions and to homework, and closes. The boxes share whatever time
there is as they share 150 minutes; there process and result are nearly equal (80 and 70), as they should be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

STEP = 5
PROCESS, RESULT = "process", "result"
# The key of a part, its minutes of 150, and its side.
PARTS = (
    ("opening", 10, PROCESS),
    ("follow_up", 25, RESULT),
    ("topic", 60, PROCESS),
    ("decisions", 25, RESULT),
    ("homework", 20, RESULT),
    ("closing", 10, PROCESS),
)
_WHOLE = sum(minutes for _key, minutes, _side in PARTS)
_LARGEST = max(range(len(PARTS)), key=lambda place: PARTS[place][1])


@dataclass(frozen=True)
class Box:
    """A part with the minutes it may take."""

    key: str
    minutes: int
    side: str


def time_boxes(total: int) -> Sequence[Box]:
    """Returns the parts of a session of `total` minutes. Boxes are whole fives; what is left over goes to the topic.

    Raises ValueError when there is no time at all.
    """
    if total <= 0:
        raise ValueError("a session takes some time")
    exact = [total * minutes / _WHOLE for _key, minutes, _side in PARTS]
    boxes = [int(one // STEP) * STEP for one in exact]
    # Largest remainder: whole fives go where the most was cut off, the earliest first among equals.
    by_remainder = sorted(range(len(PARTS)), key=lambda place: boxes[place] - exact[place])
    left = total - sum(boxes)
    for place in by_remainder[: left // STEP]:
        boxes[place] += STEP
    boxes[_LARGEST] += left % STEP
    return [Box(key, minutes, side) for (key, _share, side), minutes in zip(PARTS, boxes, strict=True)]
