"""The queue itself, as RQ sees it: the connection, and the one list of jobs."""

from typing import Any

import redis
import redis.exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue

from service.jobs import guard

# What goes wrong when the queue is away, frozen, full or strange.
FAILURES = (redis.exceptions.RedisError, OSError, ValueError)


class OurQueue(Queue):
    """RQ's queue, of our jobs only."""

    job_class = guard.OnlyOurs


def connect(address: str, *, timeout: float) -> redis.Redis:
    """Returns a client for `redis://`, `rediss://` or `unix://`. Each answer may take `timeout` seconds; no retries.

    RESP2, which every Redis and Valkey speaks.
    """
    client: redis.Redis = redis.Redis.from_url(
        address, socket_timeout=timeout, socket_connect_timeout=timeout, retry=Retry(NoBackoff(), 0), protocol=2
    )
    return client


def open_queue(connection: Any, job_class: type[guard.OnlyOurs] = guard.OnlyOurs) -> OurQueue:
    """Returns the one queue. JSON throughout: nothing is ever unpickled."""
    return OurQueue(guard.NAME, connection=connection, serializer="json", job_class=job_class)


def enqueue(queue: OurQueue, job_id: str, *, once: bool) -> None:
    """Puts a job into the queue; with `once` only when it does not stand there already. Raises one of FAILURES."""
    if once and queue.connection.lpos(queue.key, job_id) is not None:
        return
    queue.enqueue_call(
        guard.FUNCTION,
        args=[job_id],
        job_id=job_id,
        description=guard.FUNCTION,
        timeout=guard.TIMEOUT,
        result_ttl=0,
        failure_ttl=guard.FAILURE_TTL,
    )
