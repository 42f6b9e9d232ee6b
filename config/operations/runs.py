"""Imports, bulk actions and exports that work, hang or failed."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activity.models import ActivityExport
from contacts.models import BulkRun, ImportRun

ACTIVE = ("queued", "running", "reverting")
SEEN = 200  # of each kind, the newest, among which failed ones are looked for
LATELY = datetime.timedelta(days=7)
STUCK = datetime.timedelta(minutes=5)  # sweeps pick up what stood for a minute


@dataclass(frozen=True)
class Run:
    """A run: of which `kind`, what it is called, how far it is, and what became of it."""

    kind: str
    title: str
    address: str
    state: str
    problem: str
    by: Any
    touched_at: datetime.datetime
    is_active: bool

    @property
    def is_stuck(self) -> bool:
        """Tell whether it should be working, and nobody was at it for minutes."""
        return self.is_active and timezone.now() - self.touched_at > STUCK


def read_runs() -> list[Run]:
    """Return the runs that are active, or failed within a week, the newest first."""
    runs = [*_imports(), *_bulk_actions(), *_exports()]
    return sorted(runs, key=lambda run: run.touched_at, reverse=True)


def _of_interest(rows: QuerySet, maker: str) -> Iterable[Any]:
    newest = rows.model.objects.order_by("-id").values("pk")[:SEEN]
    failed = Q(state="failed", touched_at__gt=timezone.now() - LATELY, pk__in=newest)
    return rows.filter(Q(state__in=ACTIVE) | failed).select_related(maker).order_by("-id")[:50]


def _run(kind: str, row: Any, title: str, address: str, **told: Any) -> Run:
    state, is_active = row.get_state_display(), row.state in ACTIVE
    return Run(kind, title, address, state, touched_at=row.touched_at, is_active=is_active, **told)


def _imports() -> Iterator[Run]:
    for row in _of_interest(ImportRun.objects.defer("samples"), "started_by"):
        told = {"problem": row.problem, "by": row.started_by}
        yield _run(_("Import"), row, row.name, row.get_absolute_url(), **told)


def _bulk_actions() -> Iterator[Run]:
    for row in _of_interest(BulkRun.objects.defer("contact_ids"), "started_by"):
        told = {"problem": row.problem, "by": row.started_by}
        yield _run(_("Bulk action"), row, row.title, row.get_absolute_url(), **told)


def _exports() -> Iterator[Run]:
    for row in _of_interest(ActivityExport.objects.all(), "made_by"):
        address = reverse("admin:activity_activityexport_change", args=[row.pk])
        told = {"problem": row.error, "by": row.made_by}
        yield _run(_("Export"), row, row.get_format_display(), address, **told)
