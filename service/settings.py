"""Settings: read once from the environment into one frozen object, refused at start when something is missing.

Every name is prefixed `STEGVIS_` in the environment. Nothing else in the code reads the environment.
"""

import base64
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    DirectoryPath,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.errors import StartRefused

KEY_BYTES = 32
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _key32(value: SecretStr) -> SecretStr:
    try:
        raw = base64.b64decode(value.get_secret_value(), validate=True)
    except ValueError as error:  # not base64, or not ASCII at all
        raise ValueError("must be 32 random bytes in base64: openssl rand -base64 32") from error
    if len(raw) != KEY_BYTES:
        raise ValueError("must be 32 random bytes in base64: openssl rand -base64 32")
    return value


Key32 = Annotated[SecretStr, AfterValidator(_key32)]
# An empty value means none, not the folder the process stands in.
Folder = Annotated[DirectoryPath | None, BeforeValidator(lambda value: value or None)]
File = Annotated[FilePath | None, BeforeValidator(lambda value: value or None)]
OptionalPath = Annotated[Path | None, BeforeValidator(lambda value: value or None)]
# What a mail address of ours may look like: nothing in it can begin another header or name a second receiver.
SENDER = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")


class Settings(BaseSettings):
    """What an operator decides. The comment of each setting says how to make its value."""

    model_config = SettingsConfigDict(env_prefix="STEGVIS_", frozen=True, extra="forbid")

    # The address browsers reach the service at, without a path: https://stegvis.example.org
    public_url: str
    # 32 random bytes in base64 (openssl rand -base64 32): encrypts the key of each person.
    # Losing it loses what people wrote.
    master_key: Key32
    # Earlier master keys, comma-separated, still needed for persons whose key has not been rewrapped.
    previous_master_keys: Annotated[tuple[Key32, ...], NoDecode] = ()
    # 32 random bytes in base64: signs login state and form tokens. Changing it makes open pages ask for a reload.
    secret_key: Key32

    # Where the embedded database, the embedded queue and export files live.
    data_dir: Path = Path("var")
    # An SQLAlchemy address; without one an SQLite file in data_dir. PostgreSQL: postgresql+psycopg://user@host/name
    database_url: str = ""
    # A Redis or Valkey address; without one `stegvis run` starts an embedded server on a socket in data_dir.
    redis_url: str = ""

    # Who runs this installation and where to turn, for the pages /privacy, /terms and /accessibility: a name, and an
    # e-mail address, an https address or a sentence. Without them the pages say that they are not filled in.
    operator_name: str = ""
    operator_contact: str = ""
    # A folder with the operator's own texts, which replace those that ship: privacy.sv.md, terms.en.md and so on.
    texts_dir: Folder = None

    # Whoever asks for /metrics must send this as a bearer token: openssl rand -hex 32. Without it there is no /metrics.
    metrics_token: Annotated[SecretStr | None, BeforeValidator(lambda value: value or None)] = Field(
        default=None, min_length=16
    )

    # The practice LMS may be reached over plain http on loopback. The start refuses this on a public address.
    demo: bool = False
    # Hosts with private addresses that outbound calls may reach (an LMS inside the own network), comma-separated.
    private_hosts: Annotated[frozenset[str], NoDecode] = frozenset()
    # How many reverse proxies stand in front and set X-Forwarded-For and X-Forwarded-Proto.
    proxy_hops: int = Field(default=0, ge=0, le=5)
    # Where rate limits are counted: memory:// per process, or a Redis address for all processes together.
    rate_limit_storage: str = "memory://"

    # Hours that a launch stays open.
    launch_hours: int = Field(default=10, ge=1, le=24)
    # Seconds of clock difference that a platform's token may have.
    leeway_seconds: int = Field(default=60, ge=0, le=300)

    # A worker holds a job this long without a sign of life; the sign comes every heartbeat_seconds; the sweep rings
    # for jobs that are due.
    lease_seconds: float = Field(default=20, gt=0)
    heartbeat_seconds: float = Field(default=5, gt=0)
    sweep_seconds: float = Field(default=5, gt=0)
    # Megabytes of its own memory that the process which does the jobs may take; 0 for as many as there are. A job that
    # wants more fails, and no other with it.
    job_memory_mb: int = Field(default=1024, ge=0)
    # Rows written before an export reports how far it is. Larger is faster, smaller is livelier.
    export_batch: int = Field(default=500, ge=1)
    # Seconds to rest between batches: for demonstrations and tests of progress. 0 in production.
    export_pause_seconds: float = Field(default=0, ge=0)
    # The server that takes our mails. Without host and sender no mail is sent and nobody is asked for an address.
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    # starttls: encrypted after the greeting (port 587); tls: from the first byte (465); none: loopback only.
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    # Name and password, both or neither.
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    # The address that mails come from, such as stegvis@example.org.
    smtp_from: str = ""
    # A file of certificates to trust instead of the usual ones, for a server of the own network.
    smtp_authorities: File = None

    # A file outside the database to which each erasure is appended (a person's number and the time), so that a restored
    # backup can be brought up to it. Keep it beside the backups, not on the disk of the database.
    erasure_log: OptionalPath = None

    # Days a finished export is kept, and how many times it may be fetched.
    export_days: int = Field(default=7, ge=1, le=30)
    export_downloads: int = Field(default=3, ge=1, le=10)
    # Where finished export files are kept: nothing for a folder in data_dir, or the address of an object store, such as
    # s3://bucket/prefix (any S3-compatible store), gs://bucket/prefix or az://container/prefix.
    export_store: str = ""
    # For S3: the store's own address where it is not Amazon's (https://…), its region, and the access key. What is left
    # empty is taken from the machine: AWS_ACCESS_KEY_ID and its kin, or the role that the machine has.
    export_store_endpoint: str = ""
    export_store_region: str = ""
    export_store_key_id: str = ""
    export_store_secret: SecretStr = SecretStr("")

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: Any) -> Any:
        for name in ("previous_master_keys", "private_hosts"):
            if isinstance(values, dict) and isinstance(values.get(name), str):
                values[name] = [part.strip() for part in values[name].split(",") if part.strip()]
        return values

    @model_validator(mode="after")
    def _check_address(self) -> Self:
        parts = urlsplit(self.public_url)
        if parts.path or parts.query or parts.fragment or not parts.hostname or parts.username:
            raise ValueError("public_url must be scheme and host only, such as https://stegvis.example.org")
        local = parts.hostname in LOOPBACK
        if parts.scheme != "https" and not (self.demo and local and parts.scheme == "http"):
            raise ValueError("public_url must begin with https:// (http only with demo on a loopback address)")
        if self.demo and not local:
            raise ValueError("demo is only for a loopback address; this public_url is not one")
        if self.heartbeat_seconds * 2 > self.lease_seconds:
            raise ValueError("heartbeat_seconds must be at most half of lease_seconds")
        if self.export_store and not re.fullmatch(r"(s3|gs|az)://[^/]+(/.*)?", self.export_store):
            raise ValueError("export_store must begin with s3://, gs:// or az:// and name a bucket")
        if urlsplit(self.export_store_endpoint).scheme not in {"", "https"} and not self.export_store_is_local:
            raise ValueError("export_store_endpoint must begin with https:// (http only on a loopback address)")
        return self

    @model_validator(mode="after")
    def _check_mail(self) -> Self:
        if bool(self.smtp_host) != bool(self.smtp_from):
            raise ValueError("smtp_host and smtp_from belong together: set both, or neither for no mail")
        if self.smtp_from and not SENDER.fullmatch(self.smtp_from):
            raise ValueError("smtp_from must be one plain address, such as stegvis@example.org")
        if bool(self.smtp_user) != bool(self.smtp_password.get_secret_value()):
            raise ValueError("smtp_user and smtp_password belong together: set both, or neither")
        if not (self.smtp_user + self.smtp_password.get_secret_value()).isascii():
            raise ValueError("smtp_user and smtp_password must be of ASCII letters: servers understand no others")
        if self.smtp_host and self.smtp_security == "none" and self.smtp_host not in LOOPBACK:
            raise ValueError("smtp_security may be none only for a server on this machine")
        return self

    @property
    def sends_mail(self) -> bool:
        """Whether mails can be sent at all."""
        return bool(self.smtp_host)

    @property
    def database(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'stegvis.db'}"

    @property
    def queue(self) -> str:
        """The queue's address in force: the operator's, else the embedded server's socket."""
        return self.redis_url or f"unix://{self.data_dir.resolve() / 'queue.sock'}"

    @property
    def export_dir(self) -> Path:
        """The folder of finished and half-written export files."""
        return self.data_dir / "exports"

    @property
    def export_store_is_local(self) -> bool:
        """True where the object store is on this machine, and may be spoken to without TLS."""
        return urlsplit(self.export_store_endpoint).hostname in LOOPBACK

    @property
    def export_store_config(self) -> dict[str, str]:
        """What the operator said of the object store, by obstore's names."""
        said = {
            "endpoint": self.export_store_endpoint, "region": self.export_store_region,
            "access_key_id": self.export_store_key_id,
            "secret_access_key": self.export_store_secret.get_secret_value(),
        }  # fmt: skip
        return {name: value for name, value in said.items() if value}

    @property
    def host(self) -> str:
        """The one host name that requests may ask for."""
        return str(urlsplit(self.public_url).netloc)


def load(**overrides: Any) -> Settings:
    """Returns the settings of this process.

    Raises StartRefused with one line per setting that is missing or malformed.
    """
    if os.environ.get("FLASK_DEBUG"):
        raise StartRefused("FLASK_DEBUG shows the inside of the service to visitors: unset it")
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [f"STEGVIS_{'_'.join(str(p) for p in e['loc']).upper() or '*'}: {e['msg']}" for e in error.errors()]
        raise StartRefused("settings are not complete\n  " + "\n  ".join(lines)) from None
