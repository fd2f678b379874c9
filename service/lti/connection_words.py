"""What the connections' pages say: outcomes, checks, states and reasons in words that lead to something to do."""

from typing import Any

from flask_babel import lazy_gettext as _

from service.lti.claims import DEEP_LINKING, PRIVACY, RESOURCE_LINK, REVIEW
from service.lti.models import DeploymentState, PlatformState
from service.lti.revalidation import Verdict
from service.lti.service_models import RosterState

# Short: what a line of the list says of a launch.
OUTCOMES: dict[str, Any] = {
    "accepted": _("Let in"),
    "query": _("The address had parameters that do not belong there"),
    "duplicate_parameter": _("A parameter came twice"),
    "platform_error": _("The platform answered with an error of its own"),
    "confirm_origin": _("The confirmation came from another page"),
    "state": _("It answers no login of ours"),
    "state_expired": _("The login was more than ten minutes old"),
    "state_binding": _("It came in another browser than the one that began"),
    "platform_disabled": _("The platform is disabled"),
    "platform_pending": _("The platform waits for approval"),
    "keys_unavailable": _("The platform's keys could not be fetched"),
    "format": _("The message is no signed token"),
    "header": _("The token's header is not as it must be"),
    "alg": _("The signature is of a kind that is not allowed"),
    "kid": _("The token names no key"),
    "kid_unknown": _("The token names a key that the platform does not publish"),
    "signature": _("The signature is not the platform's"),
    "payload": _("The token's contents could not be read"),
    "time": _("The token does not say when it is valid"),
    "expired": _("The token had expired"),
    "early": _("The token is from the future: the platform's clock is ahead"),
    "old": _("The token was issued too long ago"),
    "lifetime": _("The token is valid for longer than an hour, or not at all"),
    "iss": _("The token is from another issuer"),
    "aud": _("The token is for another tool"),
    "azp": _("The token was made out to another tool"),
    "nonce": _("The token answers another login"),
    "nonce_used": _("The launch had been used already"),
    "version": _("The message is not LTI 1.3"),
    "message_type": _("A kind of message that Stegvis does not take"),
    "claims": _("Something in the message is missing or of the wrong kind"),
    "sub": _("The platform does not say who launches"),
    "target": _("The message is for another address than ours"),
    "deployment_pending": _("The installation waits to be activated"),
    "deployment_disabled": _("The installation is disabled"),
    "return_url": _("Its answer was to go to an address that is not the platform's"),
    "deeplink_role": _("Somebody who may not place anything was choosing content"),
    "review_role": _("Somebody who is no coach of the course asked for a learner's work"),
    "privacy_role": _("Somebody who may not asked what is kept about another"),
    "database": _("Stegvis could not save just then"),
    "exception": _("Something went wrong with us"),
}
# What to do about it, for those that somebody here or at the platform can do something about.
ADVICE: dict[str, Any] = {
    "platform_error": _("Ask the platform's administrator: its log says why, under the same minute."),
    "state_expired": _("Open the activity again. If it happens often, signing in to the platform takes too long."),
    "state_binding": _("The browser lost its cookie on the way, or somebody sent a link. Open the activity from the course."),
    "platform_disabled": _("Enable the platform on the page Connections."),
    "platform_pending": _("Approve the platform on the page Connections."),
    "keys_unavailable": _("Check that the platform's key address answers, from here and not only from within its network."),
    "kid_unknown": _("The platform has new keys, or publishes them at another address than the one registered."),
    "signature": _("The platform signs with another key than it publishes. Ask its administrator."),
    "expired": _("Set the clocks of platform and Stegvis by the same source."),
    "early": _("Set the platform's clock: it is more than a minute ahead."),
    "iss": _("If the platform has changed its address, whoever runs Stegvis moves it: stegvis platform move."),
    "aud": _("The client id in the platform is another than the one registered here."),
    "nonce_used": _("Reloading a launch opens it a second time. Open the activity from the course."),
    "claims": _("Below stands which part. It is the platform's to put right."),
    "sub": _("Let the platform share the person's id with the tool."),
    "target": _("The activity's address in the course is an old one. Place the activity again."),
    "deployment_pending": _("Activate the installation on the page Connections."),
    "deployment_disabled": _("Activate the installation on the page Connections."),
}  # fmt: skip
CHECKS: dict[str, Any] = {
    "request": _("The request is one that a platform makes"),
    "state": _("It answers a login of ours"),
    "binding": _("It comes in the browser that began"),
    "platform": _("The platform may launch"),
    "keys": _("The platform's keys are at hand"),
    "format": _("It is a signed token"),
    "header": _("Its header is in order"),
    "key": _("Its key is known"),
    "signature": _("Its signature is the platform's"),
    "payload": _("Its contents can be read"),
    "time": _("It is of now"),
    "issuer": _("It is from this platform"),
    "audience": _("It is for us"),
    "nonce": _("It answers this very login"),
    "message": _("It is a kind of message that we take"),
    "claims": _("Nothing is missing in it"),
    "target": _("It is for an address of ours"),
    "deployment": _("The installation may launch"),
    "once": _("It is used for the first time"),
}
VERDICTS = {
    Verdict.PASS: _("passed"),
    Verdict.FAIL: _("failed"),
    Verdict.NOT_REACHED: _("not reached"),
    Verdict.UNKNOWN: _("cannot be told"),
}
MESSAGES: dict[str, Any] = {
    RESOURCE_LINK: _("Opening an activity"),
    DEEP_LINKING: _("Choosing content"),
    REVIEW: _("Looking at a learner's work"),
    PRIVACY: _("Asking what is kept"),
}
BINDINGS: dict[str, Any] = {
    "cookie": _("cookie in the frame"),
    "storage": _("the platform's storage"),
    "window": _("window of its own"),
}
MISSING: dict[str, Any] = {
    "person": _("Who it is: the platform does not tell."),
    "course": _("The course: without it Stegvis opens no pages."),
    "names": _("Names: people are shown as numbers. A setting of the tool in the platform shares them."),
    "locale": _("The language: the browser's is used."),
    "return": _("The way back to the course: error pages have no link to it."),
    "roster": _("The roster: people appear when they open Stegvis for the first time."),
    "completion": _("The gradebook: completion cannot be sent from here."),
}
PLATFORMS = {
    PlatformState.PENDING: _("waits for approval"),
    PlatformState.ACTIVE: _("may launch"),
    PlatformState.DISABLED: _("disabled"),
}
DEPLOYMENTS = {
    DeploymentState.PENDING: _("waits to be activated"),
    DeploymentState.ACTIVE: _("active"),
    DeploymentState.DISABLED: _("disabled"),
}
ROSTERS = {
    RosterState.NEVER: _("not read yet"),
    RosterState.WAITING: _("waits for its turn"),
    RosterState.RUNNING: _("is being read"),
    RosterState.DONE: _("has been read"),
    RosterState.FAILED: _("could not be read; it is tried again"),
    RosterState.REFUSED: _("the platform refuses it"),
}
# Why a platform's services, its roster or its keys did not answer.
REASONS: dict[str, Any] = {
    "timeout": _("it did not answer in time"),
    "connection": _("nothing answered"),
    "name": _("its host does not exist"),
    "redirect": _("it leads to another address"),
    "private_address": _("its address is private"),
    "not_https": _("its address does not begin with https"),
    "no_keys": _("what it answers is no key set"),
    "json": _("what it answers is no key set"),
    "no_usable_key": _("it has no key that may be used"),
    "too_many_keys": _("it has too many keys"),
    "scope_not_granted": _("the platform has not granted it"),
    "not_allowed": _("the platform has not granted it"),
    "platform_cannot_fetch_keys": _("the platform cannot fetch our keys"),
    "platform_lacks_our_key": _("the platform has an old copy of our keys"),
    "clocks_differ": _("the clocks of platform and Stegvis differ"),
    "invalid_client": _("the platform does not know our client id"),
    "token_invalid_client": _("the platform does not know our client id"),
    "token_refused": _("the platform gave no access token"),
    "not_a_roster": _("what it answers is no roster"),
    "not_json": _("what it answers is no data but a page"),
    "next_origin": _("its next page lies on another host"),
    "next_loop": _("its pages lead in a circle"),
    "link_header": _("its pages cannot be followed"),
    "too_many_members": _("it has too many people"),
    "too_many_pages": _("it has too many pages"),
    "unauthorized": _("the platform does not accept our access token"),
}


def outcome(word: str) -> Any:
    """Returns an outcome in words; one that has no words of its own as it is."""
    return OUTCOMES.get(word, word)


def reason(word: str) -> Any:
    """Returns why something did not answer; a word that has no sentence, such as a status, as it is."""
    return REASONS.get(word, word.replace("_", " "))
