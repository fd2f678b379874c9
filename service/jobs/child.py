"""The working half of `stegvis worker`: an RQ worker that does our jobs and no others, one at a time.

Started by `service.jobs.worker` as a process of its own: `python -m service.jobs.child`.
"""

import resource
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

import redis.exceptions
import structlog
from rq.worker import SimpleWorker

from service import audit, logs
from service.core import core
from service.errors import StartRefused
from service.jobs import guard, queue, work
from service.jobs.family import EX_CONFIG, tie_to_parent
from service.settings import load

log = structlog.get_logger("stegvis.jobs")
# RQ waits 15 s less than this for a job before it shows a sign of life, and 10 s more for an answer.
WORKER_TTL = 45
CONNECT_SECONDS = 5.0
RETRY_SECONDS = 0.5


class OurJob(guard.OnlyOurs):
    """Our job with the function it may run."""

    target: ClassVar[Callable[[str], None] | None] = staticmethod(work.run)


class OurWorker(SimpleWorker):
    """RQ's worker without what we do not use: commands by publish/subscribe, registries, groups, schedules."""

    queue_class = queue.OurQueue
    job_class = OurJob
    max_connection_wait_time = 2.0

    def subscribe(self) -> None:
        """Listens to no commands: what ends a worker is a signal of its machine."""

    def run_maintenance_tasks(self) -> None:
        """Forgets what RQ remembers of ended and lost jobs. What is to be done again stands in SQL."""
        for known in self.queues:
            self.connection.delete(
                known.intermediate_queue_key, known.started_job_registry.key, known.failed_job_registry.key
            )
        self.last_cleaned_at = datetime.now(UTC)  # type: ignore[assignment]  # RQ declares no more than None


def refused(_job: Any, _kind: type[BaseException], error: BaseException, _trace: Any) -> bool:
    """Notes a job that was not ours: somebody else writes to the queue."""
    if isinstance(error, guard.NotAllowed):
        reason = str(error)
        log.error("job_refused", reason=reason)
        app = work.prepare()
        with app.app_context(), core().units.writing():
            audit.append(audit.Actor(), "job", outcome=audit.Outcome.DENY, reason=reason, object_type="job")
    return False


def limit_memory(megabytes: int) -> None:
    """Lets this process have so much memory of its own; 0 for as much as there is. Linux; nothing elsewhere.

    Its data is counted (RLIMIT_DATA: heap, stacks, private writable mappings; Linux 4.7), not its address space: a
    program maps many times the memory that it ever touches (code, fonts, one arena for each thread), and a limit on that
    either stops honest work or stops nothing. A job beyond it gets a MemoryError, and the worker goes on.
    """
    if megabytes and sys.platform == "linux":
        most = megabytes * 1024 * 1024
        _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main() -> None:
    """Works until it is told to stop or its parent is gone. Exit status 78 when the start is refused."""
    tie_to_parent(signal.SIGKILL)
    logs.configure()
    try:
        settings = load()
        limit_memory(settings.job_memory_mb)
        work.prepare(settings)
    except StartRefused as error:
        sys.stderr.write(f"stegvis does not start: {error}\n")
        sys.exit(EX_CONFIG)
    # By a client of its own: RQ sets how long an answer may take for the connections that are made after it.
    _wait_for(queue.connect(settings.queue, timeout=CONNECT_SECONDS))
    connection = queue.connect(settings.queue, timeout=CONNECT_SECONDS)
    worker = OurWorker(
        [queue.open_queue(connection, OurJob)], connection=connection, worker_ttl=WORKER_TTL, serializer="json",
        exception_handlers=[refused], log_job_description=False,
    )  # fmt: skip
    worker.log_result_lifespan = False
    worker.work(logging_level="WARNING")


def _wait_for(connection: Any) -> None:
    told = False
    while True:
        try:
            connection.ping()
        except (redis.exceptions.RedisError, OSError) as error:
            if not told:
                log.warning("queue_silent", error=type(error).__name__)
            told = True
            time.sleep(RETRY_SECONDS)
        else:
            return


if __name__ == "__main__":
    main()
