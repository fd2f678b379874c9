"""What may come out of the queue: one function of ours with one job id, and nothing else.

RQ imports and calls whatever a job's payload names, with its callbacks; a payload in JSON does that as well as a
pickled one (`os.system` needs no pickle). Whoever can write to the queue could so run code in the worker. So nothing of
what is stored there is believed: the payload must be exactly ours, and every other field is left unread.
"""

import json
import uuid
import zlib
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, cast

import redis.exceptions
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

FUNCTION = "service.jobs.work.run"
NAME = "stegvis"
# Seconds that one job may take in all, and that the queue remembers a failed one.
TIMEOUT = 3600
FAILURE_TTL = 3600
MAX_PAYLOAD = 4096
FORBIDDEN = (
    "success_callback_name", "failure_callback_name", "stopped_callback_name", "webhooks", "dependency_ids",
    "dependency_id", "meta", "repeats_left", "retries_left", "group_id", "rate_limit_key",
)  # fmt: skip


class NotAllowed(Exception):
    """A job that is not ours. The reason is a short stable word; what it wanted is not repeated."""


class OnlyOurs(Job):
    """A job that refuses, before any import, every function, callback and argument but ours."""

    target: ClassVar[Callable[[str], None] | None] = None
    refusal = ""

    @classmethod
    def fetch(cls, id: str, connection: Any = None, serializer: Any = None) -> Self:  # noqa: A002, ARG003 - RQ's names
        """Reads a job. What cannot be read as one is as good as absent, so that junk in the queue stops no worker."""
        try:
            return cast("Self", super().fetch(id, connection=connection, serializer=JSONSerializer))
        except (ValueError, TypeError, KeyError, redis.exceptions.ResponseError) as error:
            raise NoSuchJobError("not a job of ours") from error

    def restore(self, raw_data: Mapping[Any, Any]) -> None:
        """Takes the payload of a stored job, and nothing else of it."""
        fields = {_text(key): value for key, value in raw_data.items()}
        if "data" not in fields:
            raise NoSuchJobError("not a job of ours")
        self.refusal, argument = inspect(fields)
        payload = json.dumps([FUNCTION, None, [argument], {}]).encode()
        super().restore({b"data": payload, b"origin": NAME.encode(), b"status": b"queued"})
        self.description = FUNCTION
        self.timeout, self.result_ttl, self.failure_ttl = TIMEOUT, 0, FAILURE_TTL

    @property
    def func(self) -> Callable[[str], None] | None:
        """The one function, whatever the payload says."""
        if self.refusal:
            raise NotAllowed(self.refusal)
        return type(self).target

    def perform(self) -> Any:
        """Runs the one function, or raises NotAllowed."""
        if self.refusal:
            raise NotAllowed(self.refusal)
        return super().perform()

    @property
    def success_callback(self) -> None:
        """There are no callbacks."""

    @property
    def failure_callback(self) -> None:
        """There are no callbacks."""

    @property
    def stopped_callback(self) -> None:
        """There are no callbacks."""


def inspect(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Returns why a stored job is refused ("" when it is not), and its one argument."""
    if any(fields.get(name) for name in FORBIDDEN):
        return "callback_not_allowed", ""
    try:
        content = json.loads(_unpack(fields["data"]))
    except (ValueError, RecursionError, zlib.error, TypeError):
        return "payload_not_allowed", ""
    if not isinstance(content, list) or content[:1] != [FUNCTION]:
        return "func_not_allowed", ""
    match content:
        case [_, None, [str(argument)], {**named}] if not named and _is_job_id(argument):
            return "", argument
    return "argument_not_allowed", ""


def _is_job_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _unpack(data: bytes) -> bytes:
    try:
        unpacked = zlib.decompressobj().decompress(data, MAX_PAYLOAD + 1)
    except zlib.error:
        unpacked = data
    if len(unpacked) > MAX_PAYLOAD:
        raise ValueError("too long")
    return unpacked


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
