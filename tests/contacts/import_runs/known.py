"""Imports of people who are here already."""

from django.core.files.base import ContentFile

from contacts.models import ImportRun

AMARA = {
    "given_name": "Amara",
    "family_name": "Okonkwo",
    "emails": ["amara@c.example"],
    "phones": ["+442079460142"],
    "city": "Leeds",
    "tags": ["VIP"],
}


def imported(text: str, existing: str = "skip", source: str = "", **targets: str) -> ImportRun:
    run = ImportRun.receive(ContentFile(text.encode(), name="fair.csv"), None)
    went = [targets.get(c, t) for c, t in zip(run.columns, run.targets, strict=True)]
    run.start(went, source=source, existing=existing, by_worker=False)
    run.run()
    assert run.state == "finished", run.problem
    return run


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.skipped, run.failed


def reasons(run: ImportRun) -> list[str]:
    return list(run.failures.values_list("reason", flat=True))
