"""Files of coaching: the development plan and the sessions' records as PDF, the whole as JSON, and a coach's own managers.

Each holds every engagement that whoever asks for it reaches in the course: a manager's own, going on and ended; a coach's as
long as they last. What it holds of each is what she reads there, with one exception: life goals are in the manager's files
alone, also where she shares one with her coach. Sharing can be ended; a file cannot be called back.
"""

from collections.abc import Sequence
from typing import Any

from plugins.handledning.exports import managers, papers, whole
from service.contract import Export, Role, lazy

_HERS = lazy("Only you, and whoever you give it to.")
_COACHS = lazy(
    "You and the manager whose it is, each her own part. It is not to be passed on; each manager can read that you have "
    "fetched it."
)


def exports() -> Sequence[Export]:
    """Returns the declarations, the manager's first."""
    return (
        _plan(
            Role.MANAGER, lazy("Your whole plan, your map, your goals with their levels and what the term gave."), _HERS
        ),
        _plan(
            Role.COACH,
            lazy("What each of your managers shares with you of her plan, without life goals. One part for each."),
            _COACHS,
        ),
        _records(Role.MANAGER, _HERS),
        _records(Role.COACH, _COACHS),
        _whole(
            Role.MANAGER,
            lazy(
                "All of your coaching as data, for another programme: what you wrote and what your coach shared, your private "
                "notes and life goals too. Not your coach's own notes."
            ),
            _HERS,
        ),
        _whole(
            Role.COACH,
            lazy(
                "All that you read of your managers' coaching as data, for another programme, with your own private notes. "
                "Without life goals and what a manager keeps to herself."
            ),
            _COACHS,
        ),
        _managers(),
    )


def _plan(role: Role, contains: Any, readers: Any) -> Export:
    return Export(
        key=f"development_plan_{role.value}", file="utvecklingsplan",
        title=lazy("Development plan"), contains=contains, readers=readers,
        roles=frozenset({role}), formats=frozenset({"pdf"}), document=papers.plans,
    )  # fmt: skip


def _records(role: Role, readers: Any) -> Export:
    return Export(
        key=f"session_records_{role.value}", file="handledningsprotokoll", title=lazy("Records of coaching sessions"),
        contains=lazy("For each session that was held: what was followed up, decisions, homework and the next session."),
        readers=readers, roles=frozenset({role}), formats=frozenset({"pdf"}), document=papers.records,
    )  # fmt: skip


def _whole(role: Role, contains: Any, readers: Any) -> Export:
    return Export(
        key=f"coaching_{role.value}", file="handledning", title=lazy("Coaching, everything"), contains=contains, readers=readers,
        roles=frozenset({role}), formats=frozenset({"json"}), tree=whole.tree, schema=whole.schema(),
    )  # fmt: skip


def _managers() -> Export:
    return Export(
        key="own_managers", file="kohort-coach", title=lazy("Your own managers"),
        contains=lazy(
            "One row for each manager you coach: sessions and minutes this term, homework, how far from the contract, last "
            "contact and next session."
        ),
        readers=lazy("You. Only what you see of each on your own list."), roles=frozenset({Role.COACH}),
        headers=managers.headers, kinds=managers.kinds, count=managers.count, rows=managers.rows,
    )  # fmt: skip
