"""Redis, worker, beat and the mail server: do they answer?"""

from collections.abc import Iterator

import redis
from django.core.mail import get_connection
from django.utils.translation import gettext as _

from config.doctor.finding import Finding, error, warning
from config.operations.workers import client, read_queues
from contacts.smtp import EmailBackend, NotNow

OLDEST = (6, 2)
PATIENCE = 10  # seconds for each answer of the mail server


def queue() -> Iterator[Finding]:
    """Does Redis answer, is it new enough, and does it keep what it holds?"""
    try:
        with client() as asked:
            server, saved = asked.info("server"), asked.info("persistence")
    except redis.RedisError as problem:
        yield error(
            _("Redis does not answer: %(reason)s") % {"reason": problem},
            _(
                "Look whether Redis runs, and whether REDIS_URL names it rightly. Meanwhile mails "
                "and imports wait, and nothing is lost."
            ),
        )
        return
    version = tuple(map(int, str(server["redis_version"]).split(".")[:2]))
    if version < OLDEST:
        yield warning(
            _("Redis is of version %(version)s.") % {"version": server["redis_version"]},
            _("Bring it up to date: 6.2 is the oldest that Annals was tried with."),
        )
    if saved.get("rdb_last_bgsave_status") == "err":
        yield warning(
            _("Redis could not save what it holds."),
            _("Look at its log; most often its disk is full."),
        )


def workers() -> Iterator[Finding]:
    """Do a worker and the schedule run?"""
    found = read_queues()
    if not found.is_up:
        return
    if not found.has_worker:
        yield error(
            _("No worker was heard of for a minute and a half: no mail leaves, no import goes on."),
            _("Start it, or look into its log."),
        )
    elif late := [entry.name for entry in found.schedule if entry.is_late]:
        yield error(
            _("The schedule is late: %(entries)s.") % {"entries": ", ".join(late)},
            _("Start beat, or look into its log."),
        )


def mail() -> Iterator[Finding]:
    """Does the mail server let us in? Nothing is sent."""
    backend = get_connection()
    if not isinstance(backend, EmailBackend):
        return
    backend.timeout = PATIENCE
    try:
        backend.open()
        backend.close()
    except NotNow as problem:  # a sentence, as those who wait for a mail read it
        yield error(
            str(problem),
            _(
                "Look whether EMAIL_URL names it rightly, and whether it can be reached from here. "
                "Meanwhile mails wait."
            ),
        )


CHECKS = (queue, workers, mail)
