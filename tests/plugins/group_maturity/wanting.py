"""A plugin that makes its own whatever sentence it is offered as a habit, and keeps what it was offered."""

import uuid

from service.contract import Adopted, Cohort, Manifest, Member, Proposal, hook

offered: list[Proposal] = []


@hook
def manifest() -> Manifest:
    """What it is."""
    return Manifest(key="wanting", title="Wanting", summary="Takes habits.", permissions=())


@hook
def adopt(cohort: Cohort, member: Member, proposal: Proposal) -> Adopted | None:
    """Takes habits and nothing else."""
    if proposal.kind != "habit":
        return None
    offered.append(proposal)
    return Adopted("wanting", uuid.uuid4(), "/made-it")
