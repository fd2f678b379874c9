"""Proposals: how one plugin's result becomes another's beginning. The core carries it and keeps the link."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import sqlalchemy as sa

from service import audit
from service.cohorts.current import current_launch
from service.cohorts.models import Member, ProposalLink
from service.unit import current

if TYPE_CHECKING:
    from service.contract.records import Adopted


def propose(kind: str, title: str, source: str, source_ref: uuid.UUID) -> Adopted | None:
    """Offers something of the current member's to the plugins that are on; `source` and `source_ref` say what it is.

    Returns what it became and keeps the link between the two, or returns None when no plugin wants it. Call it in a
    writing unit; what the other plugin makes is kept exactly when the caller's own work is.
    """
    # This module is part of what the contract exports, so the records can be had only once the contract is complete.
    from service.contract.records import Proposal  # noqa: PLC0415

    here = current_launch()
    session = current().session
    # A button pressed twice: the second press waits here, and then finds what the first one made.
    session.execute(sa.select(Member.id).where(Member.id == here.member.id).with_for_update())
    adopted = here.plugins.adopt(here.cohort, here.member, Proposal(kind, title, source, source_ref))
    if adopted is None:
        return None
    same = sa.select(ProposalLink.id).where(
        ProposalLink.person_id == here.person.id,
        ProposalLink.source_ref == source_ref,
        ProposalLink.target_ref == adopted.ref,
    )
    if session.scalar(same) is not None:
        return adopted
    link = ProposalLink(
        cohort_id=here.cohort.id, person_id=here.person.id, source_plugin=source, source_ref=source_ref,
        target_plugin=adopted.plugin, target_ref=adopted.ref, at=current().now(),
    )  # fmt: skip
    session.add(link)
    session.flush()
    audit.append(here.actor, "proposal.adopt", reason=kind, object_type="proposal_link", object_ref=str(link.id))
    return adopted
