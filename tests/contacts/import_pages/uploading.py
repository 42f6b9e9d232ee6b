"""Uploading a file and choosing where its columns go."""

from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contacts.models import ImportRun
from contacts.tasks import run_import

FAIR = "Name,E-mail,Room\nAnn Lee,a@b.example,=1+1\nBob,b@,=1+2\nCy,a@b.example,7\n"


def upload(client: Client, content: str | bytes = FAIR, name: str = "fair.csv", **data: Any) -> Any:
    content = content.encode() if isinstance(content, str) else content
    data = {"id": uuid4(), "file": SimpleUploadedFile(name, content), **data}
    return client.post("/imports/new", data)


def uploaded(client: Client, content: str | bytes = FAIR, name: str = "fair.csv") -> ImportRun:
    assert upload(client, content, name).status_code == 302
    return ImportRun.objects.get(name=name)


def choices(run: ImportRun, **changed: str) -> dict[str, str]:
    return {f"column_{n}": target for n, target in enumerate(run.targets)} | changed


def ended(client: Client, content: str = FAIR) -> ImportRun:
    run = uploaded(client, content)
    client.post(f"/imports/{run.pk}/columns", choices(run))
    run_import(str(run.pk))
    run.refresh_from_db()
    return run
