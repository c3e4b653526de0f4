"""What Dramatiq loads on every machine of a fleet: ``dramatiq crawler.cluster -p 1 -t 1``.

GONGKAI_REDIS says where Redis is, GONGKAI_WORKER what this machine is called (its host name), GONGKAI_SHARDS in which
folder its shards lie (``shards``). Dramatiq carries the names of jobs and starts processes; who may do a job, when it
is tried again and when it is given up stands in ``crawler/fleet``.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path

from crawler.fleet.state import MISSING, QUEUE, REDIS

# one message is at hand while a job runs, not two for each thread: whoever is idle takes the rest
os.environ.setdefault("dramatiq_queue_prefetch", "1")

try:
    import dramatiq
    from dramatiq.brokers.redis import RedisBroker
    from dramatiq.middleware import Middleware, ShutdownNotifications
except ImportError:
    sys.exit(f"gongkai: {MISSING}")

from crawler.fleet.child import die_with_parent
from crawler.fleet.worker import Worker, take_shard, worker_name

log = logging.getLogger(__name__)

URL = os.environ.get("GONGKAI_REDIS") or REDIS
LEASE = float(os.environ.get("GONGKAI_LEASE") or 30)


class Crew(Middleware):
    """Starts the worker of a process when the process starts: its shard, and what goes on beside the jobs."""

    worker: Worker | None = None

    def after_process_boot(self, broker: dramatiq.Broker) -> None:
        die_with_parent(os.getppid(), signal.SIGKILL)
        shard = take_shard(Path(os.environ.get("GONGKAI_SHARDS") or "shards"), worker_name())
        self.worker = Worker(URL, shard, lease=LEASE)
        self.worker.start()
        log.info("Shard %s in %s", shard.name, shard.folder.resolve())

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        if self.worker is not None:
            self.worker.stop()


crew = Crew()
broker = RedisBroker(  # type: ignore[no-untyped-call]
    url=URL,
    middleware=[ShutdownNotifications(notify_shutdown=True), crew],
    heartbeat_timeout=15_000,
    maintenance_chance=200_000,
)
dramatiq.set_broker(broker)


@dramatiq.actor(queue_name=QUEUE)
def crawl(job_id: str) -> None:
    """A message names a job, no more: one that comes twice, late or after the job is done does no harm."""
    assert crew.worker is not None
    log.info("Job %s %s", job_id, crew.worker.work(job_id))
