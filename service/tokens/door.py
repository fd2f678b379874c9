"""The token door: `/t/<token>`, for a program that holds a secret address. It reads one thing and sets no cookie.

The token is the credential, so nothing of it is logged and no page behind it is kept by anybody but its reader.
"""

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, make_response, request
from flask.blueprints import BlueprintSetupState
from flask_babel import force_locale

from service.access import public
from service.catalogues import speaking
from service.cohorts import people
from service.cohorts.models import Cohort, CohortPlugin, Member, Person
from service.core import core, open_unit
from service.errors import NotFound
from service.headers import NOTHING
from service.lti.limits import Limit
from service.lti.models import Deployment, DeploymentState, Platform, PlatformState
from service.tokens.models import FeedToken
from service.tokens.tokens import TokenVisit, digest
from service.unit import current

EXTENSION = "stegvis.tokens"
PER_MINUTE = "TOKENS_PER_MINUTE"
# One address may be a calendar service that reads for a whole organisation.
DEFAULT_PER_MINUTE = 600
# A calendar that asks again within this many seconds gets what it got.
FRESH_SECONDS = 300

tokens = Blueprint("t", __name__)


@tokens.record
def _make_limit(state: BlueprintSetupState) -> None:
    state.app.config.setdefault(PER_MINUTE, DEFAULT_PER_MINUTE)
    store = state.app.extensions["stegvis"].settings.rate_limit_storage
    state.app.extensions[EXTENSION] = Limit("token", store, reason="token_rate")


@tokens.get("/t/<token>", provide_automatic_options=False)
@public("a program that cannot log in reads what its secret address was made for, and nothing else")
def read(token: str) -> Response:
    """Answers with the feed. Unknown, revoked, whose person left, and switched off all look the same: 404."""
    current_app.extensions[EXTENSION].take(request.remote_addr or "", current_app.config[PER_MINUTE])
    open_unit(writing=False)
    row, visit = _visit(token)
    feed = core().host.feeds.get((row.plugin, row.purpose))
    if feed is None:
        raise NotFound("token")
    with force_locale(visit.locale), speaking(row.plugin):
        response = make_response(feed.serve(visit))
    response.headers["Content-Type"] = feed.content_type
    response.headers["Content-Disposition"] = f'attachment; filename="{feed.filename}"'
    response.headers["Content-Security-Policy"] = f"{NOTHING}; sandbox"
    response.headers["Cache-Control"] = f"private, max-age={FRESH_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response


def _visit(word: str) -> tuple[FeedToken, TokenVisit]:
    """Returns the token and what it opens. Raises NotFound."""
    here = sa.and_(Member.cohort_id == FeedToken.cohort_id, Member.person_id == FeedToken.person_id, Member.active)
    on = sa.and_(CohortPlugin.cohort_id == FeedToken.cohort_id, CohortPlugin.plugin == FeedToken.plugin)
    query = (
        sa.select(FeedToken, Cohort, Member, Person)
        .join(Cohort, Cohort.id == FeedToken.cohort_id)
        .join(Member, here)
        .join(Person, Person.id == FeedToken.person_id)
        .join(CohortPlugin, on)
        .join(Deployment, Deployment.id == Cohort.deployment_id)
        .join(Platform, Platform.id == Deployment.platform_id)
        .where(
            FeedToken.token_hash == digest(word), FeedToken.revoked_at.is_(None), CohortPlugin.enabled,
            Cohort.archived_at.is_(None), Deployment.state == DeploymentState.ACTIVE,
            Platform.state == PlatformState.ACTIVE,
        )
    )  # fmt: skip
    found = current().session.execute(query).one_or_none()
    if found is None:
        raise NotFound("token")
    row, cohort, member, person = found
    return row, TokenVisit(row.id, cohort, people.complete(member, person, cohort), row.subject_id, row.locale)
