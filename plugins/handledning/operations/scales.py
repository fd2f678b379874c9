"""The five levels of a goal, where she began on them, and where she is. The manager alone writes and rates."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from plugins.handledning.calculations import BASELINES, LEVELS, MOST_GOALS, distinct, faulty
from plugins.handledning.models import GasRating, GasScale
from plugins.handledning.operations.goal_sheets import GoalSheet, her_zone
from plugins.handledning.operations.goals import grow
from plugins.handledning.operations.scope import check_version
from service.contract import Conflict, Invalid, local_date, now, session

# The five texts of a scale, from -2 to +2.
TEXTS = ("much_less", "less", "expected", "more", "much_more")


class NotFive(Invalid):
    """These are not five levels: `empty` are not written, `same` say what one before them says."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.empty, self.same = faulty(texts)
        super().__init__(**{TEXTS[LEVELS.index(level)]: "" for level in (*self.empty, *self.same)})


def level_texts(scale: GasScale | None) -> list[str]:
    """Returns a scale's texts from -2 to +2; five empty ones without a scale."""
    return [getattr(scale, name) if scale else "" for name in TEXTS]


def write_scale(found: GoalSheet, seen: int, texts: Sequence[str]) -> GasScale:
    """Keeps the five levels. Until she has begun on them in place; after that they are frozen, and new words a new version.

    The earlier version counts until she has begun on the new one. The same again changes nothing. Raises NotFive unless
    these are five different texts, and Conflict when she saved after `seen` in another window.
    """
    found.access.only_manager("write_scale", "goal", found.goal.id)
    found.access.open()
    there = found.scale
    if there is not None and level_texts(there) == list(texts):
        return there
    check_version(found.goal.version, seen)
    if not distinct(texts):
        raise NotFive(texts)
    if there is None or there.baseline is not None:
        there = GasScale(
            engagement_id=found.goal.engagement_id,
            manager_id=found.access.manager_id,
            goal_id=found.goal.id,
            version=there.version + 1 if there else 1,
            written_at=now(),
        )
        session().add(there)
    there.written_at = now()
    for name, text in zip(TEXTS, texts, strict=True):
        setattr(there, name, text)
    grow(found)
    return there


def begin_on(found: GoalSheet, scale_id: uuid.UUID, level: int) -> None:
    """Says where she begins, which freezes the levels. As long as she has not rated again, she may say it anew.

    Raises Conflict when the levels she saw are not the newest or she has rated since, and Invalid for a level that is no
    beginning and for a seventh goal: the sum of goals is for one to six.
    """
    found.access.only_manager("rate_goal", "goal", found.goal.id)
    found.access.open()
    scale = _seen(found, scale_id)
    if level not in BASELINES:
        raise Invalid(level="no_beginning")
    if any(one.scale_id == scale.id for one in found.ratings):
        raise Conflict("rated")
    others = sa.select(sa.func.count(sa.distinct(GasScale.goal_id))).where(
        GasScale.engagement_id == found.goal.engagement_id,
        GasScale.baseline.is_not(None),
        GasScale.goal_id != found.goal.id,
    )
    if (session().scalar(others) or 0) >= MOST_GOALS:
        raise Invalid(level="too_many")
    scale.baseline, scale.baseline_at = level, now()
    session().flush()


def rate(
    found: GoalSheet, scale_id: uuid.UUID, level: int, note: str = "", session_id: uuid.UUID | None = None
) -> None:
    """Says where she is now. The same again on the same day changes nothing.

    Raises Conflict when the levels she saw are not those that count, and Invalid for what is no level, or before she has
    said where she began.
    """
    found.access.only_manager("rate_goal", "goal", found.goal.id)
    found.access.open()
    scale = _seen(found, scale_id)
    if level not in LEVELS:
        raise Invalid(level="unknown")
    if scale.baseline is None:
        raise Invalid(level="not_begun")
    last = next((one for one in found.ratings if one.scale_id == scale.id), None)
    zone = her_zone(found.access)
    typed = (level, note, local_date(now(), zone))
    if last is not None and (last.level, last.note, local_date(last.rated_at, zone)) == typed:
        return
    session().add(
        GasRating(
            engagement_id=found.goal.engagement_id,
            manager_id=found.access.manager_id,
            goal_id=found.goal.id,
            scale_id=scale.id,
            session_id=session_id,
            level=level,
            rated_at=now(),
            note=note,
        )
    )
    session().flush()


def _seen(found: GoalSheet, scale_id: uuid.UUID) -> GasScale:
    """Returns the newest scale, which is the one that was seen. Raises Conflict for any other."""
    if found.scale is None or found.scale.id != scale_id:
        raise Conflict("changed")
    return found.scale
