"""Feed tokens: making, finding and revoking the secret addresses of feeds."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from service.cohorts.models import Cohort, Member, Person
from service.core import core
from service.tokens.models import FeedToken
from service.unit import current
from service.web import language

# Random bytes of a token: nobody guesses 192 bits.
TOKEN_BYTES = 24


@dataclass(frozen=True)
class TokenVisit:
    """What somebody's secret address asks for. `person` and `member` are whose it is; who reads it is unknown.

    `subject_id` is the plugin's own object, as it was given when the address was made.
    """

    token_id: uuid.UUID
    cohort: Cohort
    member: Member
    subject_id: uuid.UUID | None
    locale: str

    @property
    def person(self) -> Person:
        """Whose address it is."""
        return self.member.person


def digest(word: str) -> bytes:
    """Returns the hash of a token, which is all that the database keeps."""
    return hashlib.sha256(b"feed token\0" + word.encode("utf-8", "surrogatepass")).digest()


def issue_token(
    cohort: Cohort, whose: Member | Person, plugin: str, purpose: str, subject_id: uuid.UUID | None = None
) -> tuple[uuid.UUID, str]:
    """Makes a secret address for one of a plugin's feeds. Returns its id and the address, which is shown once.

    It opens while the person is an active member of the cohort and the plugin is on there, until it is revoked. Raises
    ValueError for a purpose that the plugin's manifest does not declare.
    """
    if (plugin, purpose) not in core().host.feeds:
        raise ValueError(f"plugin {plugin!r} declares no feed {purpose!r}")
    word = secrets.token_urlsafe(TOKEN_BYTES)
    row = FeedToken(
        token_hash=digest(word), plugin=plugin, purpose=purpose, cohort_id=cohort.id, person_id=_person_id(whose),
        subject_id=subject_id, locale=language(), created_at=current().now(),
    )  # fmt: skip
    current().session.add(row)
    current().session.flush()
    return row.id, f"{core().settings.public_url}/t/{word}"


def live_tokens(cohort: Cohort, whose: Member | Person, plugin: str, purpose: str) -> Sequence[FeedToken]:
    """Returns a person's tokens for a feed that have not been revoked, oldest first: what her page lists."""
    query = sa.select(FeedToken).where(
        FeedToken.cohort_id == cohort.id, FeedToken.person_id == _person_id(whose), FeedToken.plugin == plugin,
        FeedToken.purpose == purpose, FeedToken.revoked_at.is_(None),
    )  # fmt: skip
    return current().session.scalars(query.order_by(FeedToken.created_at, FeedToken.id)).all()


def revoke_token(token_id: uuid.UUID) -> None:
    """Ends an address at once. An id that came by an address is looked for among `live_tokens` first."""
    _revoke(FeedToken.id == token_id)


def revoke_departed(cohort_id: uuid.UUID) -> None:
    """Ends the addresses of everybody who has left a cohort: whoever comes back makes a new one."""
    gone = sa.select(Member.person_id).where(Member.cohort_id == cohort_id, ~Member.active)
    _revoke(FeedToken.cohort_id == cohort_id, FeedToken.person_id.in_(gone))


def _revoke(*which: sa.ColumnElement[bool]) -> None:
    change = sa.update(FeedToken).where(*which, FeedToken.revoked_at.is_(None))
    current().session.execute(
        change.values(revoked_at=current().now()), execution_options={"synchronize_session": "fetch"}
    )


def _person_id(whose: Member | Person) -> uuid.UUID:
    return whose.person_id if isinstance(whose, Member) else whose.id
