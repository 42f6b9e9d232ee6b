"""Nudges for the workers. The database knows what there is to do; these only say: look now."""

import logging
import time

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


class Broker:
    """The queue that workers read.

    After a failure it is left alone for RETRY_AFTER seconds: one that answers nothing at all then
    costs a request one timeout, and not one for each nudge.
    """

    RETRY_AFTER = 5
    away_until = 0.0  # on the monotonic clock, for all threads of the process

    @classmethod
    def tell(
        cls, task: str, pk: object, wait: float = 0, *, actor: object = None, **headers: str
    ) -> bool:
        """Have a worker run a task for the row `pk` in `wait` seconds. False where it is away.

        It acts in the name of the user whose id is `actor`, by default in nobody's; further
        headers are those of activity.propagation.
        """
        if cls.is_away():
            return False
        told = {"actor": str(actor) if actor else None, **headers}
        try:
            current_app.send_task(task, [str(pk)], countdown=wait, headers=told)
        except OperationalError as error:
            cls._note_failure(error)
            return False
        return True

    @classmethod
    def waiting(cls, task: str) -> int | None:
        """Return how many nudges wait in that task's queue; None where the queue is away."""
        if cls.is_away():
            return None
        try:
            with current_app.producer_pool.acquire(block=True) as producer:
                queue = current_app.amqp.router.route({}, task)["queue"]
                return queue.bind(producer.channel).queue_declare().message_count
        except OperationalError as error:
            cls._note_failure(error)
            return None

    @classmethod
    def is_away(cls) -> bool:
        """Tell whether it failed a moment ago."""
        return time.monotonic() < cls.away_until

    @classmethod
    def _note_failure(cls, error: Exception) -> None:
        Broker.away_until = time.monotonic() + cls.RETRY_AFTER
        logger.warning("The queue is away; the next sweep finds what is due: %s", error)
