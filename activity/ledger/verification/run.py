"""A verification of the whole log, check by check."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext

from django.db import connection, transaction
from django.utils import timezone

from activity.ledger import anchors
from activity.ledger.note import NoteError, parse_checkpoint
from activity.ledger.refusal import KEPT, CannotSeal
from activity.ledger.verification.abreast import WORTHWHILE, Readers
from activity.ledger.verification.drift import check_drift
from activity.ledger.verification.epochs import Log
from activity.ledger.verification.erasures import check_erasures
from activity.ledger.verification.findings import Finding, notice
from activity.ledger.verification.heads import Head
from activity.ledger.verification.installed import check_guards
from activity.ledger.verification.outbox import check_outbox
from activity.ledger.verification.outside import check_earlier, take_in, take_in_list
from activity.ledger.verification.users import check_users
from activity.ledger.verification.walk import Walk
from activity.models import Epoch, LedgerCheck

Note = tuple[str, str]  # where it is from, and its text
# All that is read is of one moment, while others go on writing.
_ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


class CannotVerify(Exception):
    """The verification cannot begin; the text says why and what to do."""


class Verification:
    """One look at the log.

    `since` is a checkpoint kept from earlier: the tree must continue it, and only what was sealed
    after it is looked at event by event. `given` are checkpoints known from outside, beside those
    in STORAGES["anchors"]. `progress` is called with the number of events looked at so far and of
    all that will be; a long log is read by so many `processes`. Raises CannotVerify where one of
    them is no checkpoint.

    While `run` goes on, `found` counts the findings, `findings` keeps the first ones, and `events`
    counts what was looked at; `epoch` and `size` say how far the log then reached.
    """

    def __init__(
        self,
        *,
        since: Note | None = None,
        given: Iterable[Note] = (),
        progress: Callable[[int, int], None] | None = None,
        processes: int = 1,
    ) -> None:
        """Prepare."""
        self._since, self._given, self._progress = since, [*given], progress
        self._processes = processes
        for source, note in [*self._given, *([since] if since else [])]:
            try:
                parse_checkpoint(note)
            except NoteError as error:
                raise CannotVerify(f"{source} holds no checkpoint. {error}") from error
        self.began_at = timezone.now()
        self.found = self.events = self.epoch = self.size = self._total = 0
        self.findings: list[Finding] = []

    def run(self) -> Iterator[Finding]:
        """Yield all findings and notices, as they come up."""
        for finding in self._checks():
            if not finding.is_notice:
                self.found += 1
                if len(self.findings) < KEPT:
                    self.findings.append(finding)
            yield finding

    def keep(self) -> None:
        """Note the outcome for the log's page, if all was looked at or something found."""
        if self._since and not self.found:
            return
        LedgerCheck.objects.create(
            kind=LedgerCheck.Kind.VERIFY,
            began_at=self.began_at,
            ok=not self.found,
            epoch=self.epoch,
            size=self.size,
            findings=[finding.as_json() for finding in self.findings],
            total_findings=self.found,
        )

    def _checks(self) -> Iterator[Finding]:
        # Before the moment that is looked at: what left later may be ahead of it.
        notes = [*self._given]
        try:
            notes += [(f"the anchor {name}", note) for name, note in anchors.notes()]
        except CannotSeal as error:
            yield Finding("anchor", None, f"a place for anchors that can be read. {error}")
        is_outermost = not connection.in_atomic_block
        with transaction.atomic():
            if is_outermost:
                with connection.cursor() as cursor:
                    cursor.execute(_ONE_MOMENT)
            yield from check_guards()
            yield from self._check_logs(notes)
            yield from check_outbox()
            yield from check_erasures()
            yield from check_drift()
            yield from check_users()

    def _check_logs(self, notes: list[Note]) -> Iterator[Finding]:
        logs = {epoch.origin: Log(epoch) for epoch in Epoch.objects.order_by("number")}
        for log in logs.values():
            self.epoch, self.size = log.epoch.number, log.size
            yield from log.check_opening(logs)
            yield from log.check_keys()
        if self.size and not notes:
            text = "no checkpoint is known outside: if the newest events were removed together"
            yield notice("anchor", f"{text} with their seals, nothing would show it")
        yield from take_in_list(logs)
        for source, note in notes:
            yield from take_in(logs, source, note)
        log, start = yield from self._begin(logs)
        walked = [
            each for each in logs.values() if not log or each.epoch.number >= log.epoch.number
        ]
        self._total = max(sum(each.size for each in walked) - start, 0)
        with self._readers() as readers:
            for each in walked:
                walk = Walk(each.signers, each.known, self._report, readers)
                yield from walk.run(start if each is log else 0)

    def _readers(self) -> AbstractContextManager[Readers | None]:
        """Return processes that read the log, where there are to be some and it is long enough."""
        if self._processes > 1 and self._total >= WORTHWHILE:
            return Readers(self._processes)
        return nullcontext()

    def _begin(self, logs: dict[str, Log]) -> Generator[Finding, None, tuple[Log | None, int]]:
        """Return the log to begin in and its leaf, both as `since` says."""
        if not self._since:
            return None, 0
        source, note = self._since
        head = parse_checkpoint(note)
        log = logs.get(head.origin)
        before = self.found
        yield from take_in(logs, source, note)
        if self.found > before or log is None or head.size > log.size:
            return None, 0  # nothing to rely on: all is looked at
        yield from check_earlier(log, Head(head.size, head.root, "anchor", source))
        return log, head.size

    def _report(self, events: int) -> None:
        self.events += events
        if self._progress:
            self._progress(self.events, self._total)
