"""What a platform says of itself before it registers us: its configuration, fetched, checked, and carried in the form.

OpenID Connect Discovery 1.0 §3 and LTI Dynamic Registration 1.0 §3.4-3.5. What was shown to the administrator is what
is registered with: the checked configuration travels in her form, signed, and the platform is not asked for it twice.
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeSerializer
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictStr, ValidationError

from service.lti.quirks import quirks_of
from service.lti.registrations import origin_of
from service.lti.strict import NotStrict, is_whole_text, read_object, tidy
from service.outbound import Answer, Outbound, OutboundFailed, OutboundRefused
from service.settings import LOOPBACK

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
ACCOUNT_NAME = "https://canvas.instructure.com/lti/account_name"
CONFIGURATION_BYTES = 256 * 1024
MAX_TOKEN = 8 * 1024
LIFETIME = timedelta(hours=1)
_REFUSES_TOKEN = (401, 403)
Model = TypeVar("Model", bound=BaseModel)


class Refused(Exception):
    """A step of registering that did not succeed. `reason` is a short stable word; `detail` what the platform said."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def _whole(value: str) -> str:
    if not value or not is_whole_text(value) or " " in value:
        raise ValueError("empty, or characters that no address or name of a scope has")
    return value


def _line(value: str) -> str:
    return tidy(value, 200)


Url = Annotated[StrictStr, Field(max_length=500), AfterValidator(_whole)]
Word = Annotated[StrictStr, Field(max_length=300), AfterValidator(_whole)]
Words = Annotated[list[Word], Field(max_length=500)]
Label = Annotated[StrictStr, Field(max_length=2000), AfterValidator(_line)]


class Said(BaseModel):
    """What a platform says about itself: strict in its types, and what we do not know of is left alone."""

    model_config = ConfigDict(
        strict=True, extra="ignore", frozen=True, hide_input_in_errors=True, populate_by_name=True
    )


class SupportedMessage(Said):
    """A kind of message that the platform sends, and from where."""

    type: Word
    placements: Words = []


class PlatformPart(Said):
    """The platform's own part of its configuration (LTI Dynamic Registration 1.0 §3.4.1)."""

    product_family_code: Annotated[StrictStr, Field(max_length=80)] = ""
    version: Label = ""
    messages_supported: Annotated[list[SupportedMessage], Field(max_length=100)] = []
    account_name: Label = Field(default="", alias=ACCOUNT_NAME)


class Configuration(Said):
    """What we read of a platform's OpenID configuration."""

    issuer: Url
    authorization_endpoint: Url
    token_endpoint: Url
    jwks_uri: Url
    registration_endpoint: Url
    scopes_supported: Words = []
    authorization_server: Annotated[StrictStr, Field(max_length=500)] = ""
    platform: PlatformPart = Field(alias=PLATFORM)

    @property
    def family(self) -> str:
        """The product, in the platform's own word."""
        return self.platform.product_family_code.lower()

    @property
    def name(self) -> str:
        """What to call the platform: the account that it names, else its host."""
        return self.platform.account_name or (urlsplit(self.issuer).hostname or self.issuer)

    @property
    def audience(self) -> str:
        """Whom assertions for access tokens are addressed to; empty for the token endpoint itself."""
        return "" if quirks_of(self.family).token_url_is_audience else self.authorization_server

    def placements(self, message_type: str) -> list[str] | None:
        """Returns where a kind of message may come from, in the platform's words; None when it does not say."""
        named = [one for one in self.platform.messages_supported if one.type == message_type]
        return [place.rpartition("/")[2] for one in named for place in one.placements] if named else None

    @property
    def message_types(self) -> frozenset[str]:
        """The kinds of messages that it sends."""
        return frozenset(one.type for one in self.platform.messages_supported)


@dataclass(frozen=True)
class Offer:
    """A checked configuration, with the token that registers us once and the origin that shows our page in its frame."""

    configuration: Configuration
    token: str
    shown_by: str


def ask(outbound: Outbound, url: str, token: str, referrer: str, *, demo: bool) -> Offer:
    """Asks a platform for its configuration. `referrer` is where the browser says it comes from.

    Raises Refused: what is wrong, in a word. One request is made, and none at all for an address that may not be.
    """
    if len(token) > MAX_TOKEN or not token.isascii() or not token.isprintable():
        raise Refused("token")
    if not origin_of(url) or not is_whole_text(url):
        raise Refused("url")
    answer = call(outbound, "GET", url, token)
    if answer.status in _REFUSES_TOKEN:
        raise Refused("token_refused")
    if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
        raise Refused("status", str(answer.status))
    configuration = read(Configuration, answer.body)
    check(configuration, url, demo=demo)
    return Offer(configuration, token, _shown_by(configuration, url, referrer))


def call(outbound: Outbound, method: str, url: str, token: str, body: bytes | None = None) -> Answer:
    """Makes one call with the platform's token. Raises Refused with the rule that forbids it or what went wrong."""
    headers = {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    if body is not None:
        headers["Content-Type"] = "application/json"
    try:
        return outbound.send(method, url, limit=CONFIGURATION_BYTES, headers=headers, body=body)
    except (OutboundRefused, OutboundFailed) as error:
        raise Refused(str(error)) from error


def read(model: type[Model], raw: bytes) -> Model:
    """Reads an answer strictly. Raises Refused: `not_json`, or `fields` with the names that are missing or wrong."""
    try:
        return model.model_validate(read_object(raw))
    except NotStrict as error:
        raise Refused("not_json") from error
    except ValidationError as error:
        names = {str(problem["loc"][0]) for problem in error.errors()}
        raise Refused("fields", ", ".join(sorted(names))) from error


def check(configuration: Configuration, url: str, *, demo: bool) -> None:
    """Raises Refused unless the configuration is its issuer's own and each address is one that we may call.

    The issuer must be where the configuration is (LTI Dynamic Registration 1.0 §3.5.2): whoever can answer there is the
    platform. Products that share one issuer between hosts are named in `quirks`.
    """
    for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"):
        if not _may_be(getattr(configuration, name), demo=demo):
            raise Refused("address", name)
    if origin_of(configuration.issuer) == origin_of(url):
        return
    quirks = quirks_of(configuration.family)
    if configuration.issuer in quirks.shared_issuers and _is_below(url, quirks.hosts):
        return
    raise Refused("issuer", configuration.issuer)


def _may_be(url: str, *, demo: bool) -> bool:
    origin = origin_of(url)
    here = demo and urlsplit(url).hostname in LOOPBACK if origin else False
    return (origin.startswith("https://") or here) and urlsplit(url).username is None and "#" not in url


def _is_below(url: str, hosts: tuple[str, ...]) -> bool:
    if not origin_of(url).startswith("https://"):
        return False
    host = urlsplit(url).hostname or ""
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def _shown_by(configuration: Configuration, url: str, referrer: str) -> str:
    """The origin of the page that shows ours: the configuration's, or of a hosted product the customer's own address."""
    hosts = quirks_of(configuration.family).hosts
    return origin_of(referrer if _is_below(url, hosts) and _is_below(referrer, hosts) else url)


def frame_origins(offer: Offer) -> str:
    """Returns who may show our pages of this registration in a frame."""
    hosts = quirks_of(offer.configuration.family).hosts
    hosted = _is_below(offer.shown_by, hosts)
    return " ".join([offer.shown_by, *(f"https://*.{host}" for host in hosts if hosted)])


def _serializer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(
        key, salt="stegvis.lti.registration", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )  # fmt: skip


def sign(offer: Offer, key: bytes, invite_id: uuid.UUID, now: datetime) -> str:
    """Returns the offer for the administrator's form; it holds for an hour and for this invite."""
    said = offer.configuration.model_dump(by_alias=True)
    until = int((now + LIFETIME).timestamp())
    return str(_serializer(key).dumps([invite_id.hex, until, said, offer.token, offer.shown_by]))


def unsign(text: str, key: bytes, invite_id: uuid.UUID, now: datetime) -> Offer:
    """Returns the offer that a form carries. Raises Refused: `form`, or `form_expired`."""
    try:
        invite, until, said, token, shown_by = _serializer(key).loads(text)
    except BadData as error:
        raise Refused("form") from error
    if invite != invite_id.hex:
        raise Refused("form")
    if until <= now.timestamp():
        raise Refused("form_expired")
    configuration: Mapping[str, Any] = said
    return Offer(Configuration.model_validate(configuration), token, shown_by)
