"""The claims of the messages we accept, by schema (LTI 1.3 core §5, §6). A wrong JSON type refuses the launch."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictStr, ValidationError

from service.clock import known_zones
from service.errors import LaunchRefused
from service.lti.strict import is_whole_text, tidy

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
NOTICES = "https://purl.imsglobal.org/spec/lti/claim/platformnotificationservice"
DEEP_LINKING_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
REVIEW = "LtiSubmissionReviewRequest"
PRIVACY = "DataPrivacyLaunchRequest"
LANGUAGES = ("sv", "en", "lv")
NAME_LIMIT = 200
TITLE_LIMIT = 300


def _identifier(value: str) -> str:
    if not value.strip() or not is_whole_text(value):
        raise ValueError("an identifier has visible characters and no control characters")
    return value


def _whole(value: str) -> str:
    if not is_whole_text(value):
        raise ValueError("an address has no control characters")
    return value


Identifier = Annotated[StrictStr, Field(max_length=255), AfterValidator(_identifier)]
Address = Annotated[StrictStr, Field(max_length=2000), AfterValidator(_whole)]
Object = dict[str, Any]


def _flag(value: object) -> object:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


Flag = Annotated[bool, BeforeValidator(_flag)]


class _Claims(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class Context(_Claims):
    """The course."""

    id: Identifier
    title: StrictStr | None = None
    label: StrictStr | None = None
    type: list[StrictStr] | None = None


class GradeService(_Claims):
    """The gradebook's addresses for this course and this link, and what we may do there (AGS 2.0)."""

    scope: list[StrictStr] = Field(default_factory=list, max_length=20)
    lineitems: Address | None = None
    lineitem: Address | None = None


class RosterService(_Claims):
    """The roster's address for this course (NRPS 2.0)."""

    context_memberships_url: Address | None = None


class NoticeService(_Claims):
    """Where this deployment takes subscriptions to its notices (Platform Notification Service)."""

    platform_notification_service_url: Address | None = None
    notice_types_supported: list[StrictStr] = Field(default_factory=list, max_length=50)


class ForUser(_Claims):
    """The person that a message is about."""

    user_id: Identifier


class DeepLinkSettings(_Claims):
    """What the platform takes back (Deep Linking 2.0 §4.4.1). Moodle and others write booleans as texts, too."""

    deep_link_return_url: Address
    accept_types: list[StrictStr] = Field(max_length=20)
    accept_presentation_document_targets: list[StrictStr] = Field(default_factory=list, max_length=20)
    accept_multiple: Flag = True
    accept_lineitem: Flag | None = None
    auto_create: Flag = False
    data: Annotated[StrictStr, Field(max_length=16_000)] | None = None


class ResourceLink(_Claims):
    """The placed item."""

    id: Identifier
    title: StrictStr | None = None
    description: StrictStr | None = None


class Presentation(_Claims):
    """Where and how the platform shows us."""

    document_target: StrictStr | None = None
    return_url: Address | None = None
    locale: StrictStr | None = None


class Message(_Claims):
    """What every verified message says. `sub` is missing only where the platform launches without saying who."""

    sub: Identifier | None = None
    name: StrictStr | None = None
    given_name: StrictStr | None = None
    family_name: StrictStr | None = None
    email: StrictStr | None = None
    locale: StrictStr | None = None
    deployment_id: Identifier = Field(alias=CLAIM + "deployment_id")
    target_link_uri: Address | None = Field(default=None, alias=CLAIM + "target_link_uri")
    roles: list[StrictStr] = Field(alias=CLAIM + "roles", max_length=100)
    context: Context | None = Field(default=None, alias=CLAIM + "context")
    presentation: Presentation | None = Field(default=None, alias=CLAIM + "launch_presentation")
    custom: Object | None = Field(default=None, alias=CLAIM + "custom")
    tool_platform: Object | None = Field(default=None, alias=CLAIM + "tool_platform")
    lis: Object | None = Field(default=None, alias=CLAIM + "lis")
    endpoint: GradeService | None = Field(default=None, alias=AGS)
    names_and_roles: RosterService | None = Field(default=None, alias=NRPS)
    notices: NoticeService | None = Field(default=None, alias=NOTICES)

    @property
    def person_name(self) -> str:
        """The person's name for people to read, or nothing where the platform keeps it to itself."""
        return tidy(self.name or f"{self.given_name or ''} {self.family_name or ''}", NAME_LIMIT)

    @property
    def course_title(self) -> str:
        """The course's title for people to read, or nothing."""
        return tidy(self.context.title or self.context.label or "", TITLE_LIMIT) if self.context else ""

    @property
    def in_frame(self) -> bool:
        """Whether the platform shows us in a frame; without a word about it, it does."""
        target = self.presentation.document_target if self.presentation else None
        return target != "window"

    @property
    def language(self) -> str:
        """The first language named that we speak: the person's, the page's, the item's; empty when there is none."""
        named = (self.locale, self.presentation.locale if self.presentation else None, self.custom_text("locale"))
        return next((spoken for spoken in map(_spoken, named) if spoken), "")

    @property
    def zone(self) -> str:
        """The person's time zone (IANA), where the platform names one; Moodle says `99` for its own."""
        named = self.custom_text("timezone")
        return named if named in known_zones() else ""

    def custom_text(self, name: str) -> str:
        """A custom parameter's text; empty when it is absent, no text, or a variable the platform left as it was."""
        value = (self.custom or {}).get(name)
        return "" if not isinstance(value, str) or value.startswith("$") else value.strip()


class ResourceLinkLaunch(Message):
    """Somebody opens a placed item."""

    target_link_uri: Address = Field(alias=CLAIM + "target_link_uri")
    resource_link: ResourceLink = Field(alias=CLAIM + "resource_link")


class DeepLinkingLaunch(Message):
    """Somebody is to choose content for her course (Deep Linking 2.0). Certification sends no target."""

    settings: DeepLinkSettings = Field(alias=DEEP_LINKING_SETTINGS)


class ReviewLaunch(Message):
    """Somebody looks at a learner's item from the gradebook. Moodle names the learner and nothing else."""

    resource_link: ResourceLink | None = Field(default=None, alias=CLAIM + "resource_link")
    for_user: ForUser = Field(alias=CLAIM + "for_user")


class PrivacyLaunch(Message):
    """Somebody asks what is kept about a person, or without a person about everybody (Data Privacy Launch)."""

    for_user: ForUser | None = Field(default=None, alias=CLAIM + "for_user")


MESSAGES: dict[str, type[Message]] = {
    RESOURCE_LINK: ResourceLinkLaunch,
    DEEP_LINKING: DeepLinkingLaunch,
    REVIEW: ReviewLaunch,
    PRIVACY: PrivacyLaunch,
}


def _spoken(tag: object) -> str:
    primary = tag.replace("_", "-").split("-")[0].lower() if isinstance(tag, str) else ""
    return primary if primary in LANGUAGES else ""


def read_message(claims: dict[str, Any]) -> Message:
    """Returns the message that verified claims describe. Raises LaunchRefused: `version`, `message_type` or `claims`."""
    if claims.get(CLAIM + "version") != "1.3.0":
        raise LaunchRefused("version")
    named = claims.get(CLAIM + "message_type")
    kind = MESSAGES.get(named) if isinstance(named, str) else None
    if kind is None:
        raise LaunchRefused("message_type")
    try:
        return kind.model_validate(claims)
    except ValidationError as error:
        raise LaunchRefused("claims") from error
