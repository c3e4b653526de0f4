"""Messages that Dramatiq carries: the name of a job, nothing else."""

from __future__ import annotations

from collections.abc import Callable

from crawler.fleet.state import MISSING, QUEUE, Fleet, FleetDown


def sender(fleet: Fleet) -> Callable[[str], None]:
    """A function that puts a job's name into the queue. Raises FleetDown, as the function does."""
    try:
        from dramatiq import Message
        from dramatiq.brokers.redis import RedisBroker
    except ImportError:
        raise FleetDown(MISSING) from None
    broker = RedisBroker(client=fleet.redis, middleware=[])  # type: ignore[no-untyped-call]
    broker.declare_queue(QUEUE)

    def send(job_id: str) -> None:
        message: Message[None] = Message(queue_name=QUEUE, actor_name="crawl", args=(job_id,), kwargs={}, options={})
        fleet.ask(lambda: broker.enqueue(message))

    return send


def send_due(fleet: Fleet, send: Callable[[str], None]) -> int:
    """Sends every message whose time has come; gives how many. Interrupted in between, one may go out twice: a worker
    that gets the second finds the job taken."""
    count = 0
    while found := fleet.due():
        for job_id in found:
            send(job_id)
            fleet.sent(job_id)
        count += len(found)
    return count
