"""The claims of the messages we accept, by schema (LTI 1.3 core §5, §6). A wrong JSON type refuses the launch."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictStr, ValidationError

from service.errors import LaunchRefused
from service.lti.strict import is_whole_text, tidy

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
RESOURCE_LINK = "LtiResourceLinkRequest"
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


class _Claims(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class Context(_Claims):
    """The course."""

    id: Identifier
    title: StrictStr | None = None
    label: StrictStr | None = None
    type: list[StrictStr] | None = None


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


class ResourceLinkLaunch(_Claims):
    """A verified launch of a placed item. `sub` is missing only where the platform launches without saying who."""

    sub: Identifier | None = None
    name: StrictStr | None = None
    given_name: StrictStr | None = None
    family_name: StrictStr | None = None
    email: StrictStr | None = None
    locale: StrictStr | None = None
    deployment_id: Identifier = Field(alias=CLAIM + "deployment_id")
    target_link_uri: Address = Field(alias=CLAIM + "target_link_uri")
    roles: list[StrictStr] = Field(alias=CLAIM + "roles", max_length=100)
    resource_link: ResourceLink = Field(alias=CLAIM + "resource_link")
    context: Context | None = Field(default=None, alias=CLAIM + "context")
    presentation: Presentation | None = Field(default=None, alias=CLAIM + "launch_presentation")
    custom: Object | None = Field(default=None, alias=CLAIM + "custom")
    tool_platform: Object | None = Field(default=None, alias=CLAIM + "tool_platform")
    lis: Object | None = Field(default=None, alias=CLAIM + "lis")
    endpoint: Object | None = Field(default=None, alias=AGS)
    names_and_roles: Object | None = Field(default=None, alias=NRPS)

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
        custom = (self.custom or {}).get("locale")
        named = (self.locale, self.presentation.locale if self.presentation else None, custom)
        return next((spoken for spoken in map(_spoken, named) if spoken), "")


def _spoken(tag: object) -> str:
    primary = tag.replace("_", "-").split("-")[0].lower() if isinstance(tag, str) else ""
    return primary if primary in LANGUAGES else ""


def read_resource_link(claims: dict[str, Any]) -> ResourceLinkLaunch:
    """Returns the launch that verified claims describe. Raises LaunchRefused: `version`, `message_type` or `claims`.

    Only placed items are launched here. Other messages are known by name and refused like unknown ones.
    """
    if claims.get(CLAIM + "version") != "1.3.0":
        raise LaunchRefused("version")
    if claims.get(CLAIM + "message_type") != RESOURCE_LINK:
        raise LaunchRefused("message_type")
    try:
        return ResourceLinkLaunch.model_validate(claims)
    except ValidationError as error:
        raise LaunchRefused("claims") from error
