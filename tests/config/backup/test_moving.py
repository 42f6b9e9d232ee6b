"""A whole installation moves: from the embedded PostgreSQL to another one, and back."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction

from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent
from contacts.models import CommentFile, Message
from tests.builders import make_comment, make_contact, make_user
from tests.config.backup.elsewhere import PASSWORD, another_postgresql

# What no restore may change; events up to the last one that the backup holds.
_CONTENT = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND (
    table_name LIKE 'contacts\\_%' OR table_name LIKE 'accounts\\_%'
) ORDER BY 1
"""
_ROWS = "SELECT count(*), md5(string_agg(row::text, '' ORDER BY row::text)) FROM {} AS row"

# Each runs in a process of its own, as on another machine; the last line it prints is what it saw.
BEGIN = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from config import embedded
embedded.start(durable=False)
import django
django.setup()
import io, json
from django.core.management import CommandError, call_command
from django.db import connection
from tests.config.backup.test_moving import content
from contacts.models import Contact
seen = {}

def restore(*arguments):
    out = io.StringIO()
    try:
        call_command("restore", *arguments, stdout=out, stderr=io.StringIO())
    except (SystemExit, CommandError) as ended:
        return getattr(ended, "returncode", None) or ended.code, f"{out.getvalue()}{ended}"
    return 0, out.getvalue()
"""

THERE = f"""{BEGIN}
archive, keys, second, newest = sys.argv[1:]
seen["restored"] = restore(archive, "--keys", keys, "--moved")
seen["content"] = content(int(newest))
call_command("create_app_role", "--apply", stdout=io.StringIO(), stderr=io.StringIO())

from threading import Thread
from urllib.request import Request, urlopen
from wsgiref.simple_server import WSGIRequestHandler, make_server
from django.conf import settings
from django.test import Client
from accounts.models import User
from config.wsgi import application

client = Client()
client.force_login(User.objects.get(name="Mia"))
cookie = client.cookies[settings.SESSION_COOKIE_NAME]
WSGIRequestHandler.log_message = lambda *arguments: None
server = make_server("127.0.0.1", 0, application)
Thread(target=server.serve_forever, daemon=True).start()
contact = Contact.objects.get(given_name="Amara")
address = f"http://127.0.0.1:{{server.server_port}}/contacts/{{contact.pk}}/"
headers = {{"Cookie": f"{{cookie.key}}={{cookie.value}}"}}
seen["page"] = urlopen(Request(address, headers=headers)).read().decode()
server.shutdown()

from tests.builders import make_comment
from activity.ledger.sealing import seal_pending
make_comment(contact, body="Written there")
seal_pending()
call_command("backup", second, stdout=io.StringIO(), stderr=io.StringIO())
Contact.objects.get(given_name="Gone").delete(reason="Asked to be forgotten")
seal_pending()
print(json.dumps(seen))
"""

BACK = f"""{BEGIN}
from config.backup import restoring
from django.core.files.storage import default_storage
from contacts.models import Comment, CommentFile
second = sys.argv[1]
erase_again = restoring.Restore._erase_again

def stop(self):
    raise OSError("the power went")

restoring.Restore._erase_again = stop
seen["interrupted"] = restore(second)
restoring.Restore._erase_again = erase_again
try:
    call_command("backup", second + ".again")
except CommandError as refused:
    seen["refused"] = str(refused)
seen["restored"] = restore(second)
seen["names"] = sorted(Contact.objects.values_list("given_name", flat=True))
seen["comments"] = sorted(Comment.objects.values_list("body", flat=True))
seen["file"] = CommentFile.objects.get().file.read().decode()
call_command("seal_ledger", "--new-epoch", stdout=io.StringIO(), stderr=io.StringIO())
try:
    call_command("verify_ledger", stdout=io.StringIO(), stderr=io.StringIO())
    seen["verified"] = 0
except SystemExit as found:
    seen["verified"] = found.code
seen["again"] = restore(second)
print(json.dumps(seen))
"""


def content(newest: int) -> dict[str, list[Any]]:
    """Return {table: how many rows, and a fingerprint of all their values}."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(_CONTENT)
        tables = [table for (table,) in cursor.fetchall()]
        event = f"(SELECT * FROM activity_event WHERE id <= {newest})"
        for table in [*tables, event]:
            cursor.execute(_ROWS.format(table))
            found[table] = list(cursor.fetchone())
    return found


@pytest.fixture
def scene() -> dict[str, Any]:
    """Have some of everything, sealed: a comment with a file, a message that waits, a person."""
    mia = make_user(name="Mia")
    amara = make_contact()
    make_contact(given_name="Gone", family_name="Soon")
    with transaction.atomic():
        comment = make_comment(amara, mia, "Met at the expo")
        CommentFile.keep(comment, SimpleUploadedFile("notes.txt", b"What was said"))
    Message.send(amara, author=mia, address="amara@example.com", subject="Hello", body="Dear")
    seal_pending()
    newest = ActivityEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    return {"newest": newest, "content": content(newest), "name": amara.name}


@pytest.mark.django_db(transaction=True)
def test_an_installation_moves_to_another_postgresql_and_back(
    scene: dict[str, Any], tmp_path: Path, run: Callable
) -> None:
    archive, second, keys = (tmp_path / name for name in ("a.tar", "b.tar", "keys.json"))
    call_command("backup", str(archive), keys=keys)
    there, back = (Path(tempfile.mkdtemp(dir=os.environ["ANNALS_TESTS"])) for _ in range(2))
    anchors = {
        "LEDGER_ANCHOR_FOLDER": storages["anchors"].location,
        "STATIC_ROOT": str(settings.STATIC_ROOT),
    }
    with another_postgresql() as url:
        ledger_key = json.loads(keys.read_text())["ANNALS_LEDGER_KEY"]
        away = anchors | {"DATABASE_URL": url, "ANNALS_LEDGER_KEY": ledger_key}
        arguments = map(str, (archive, keys, second, scene["newest"]))
        process = run(there, "-c", THERE, *arguments, **away)
        assert process.returncode == 0, process.stdout + process.stderr
    moved = json.loads(process.stdout.splitlines()[-1])
    code, said = moved["restored"]
    assert code == 0, said
    assert "findings: 0." in said
    assert moved["content"] == scene["content"]
    assert scene["name"] in moved["page"] and "Met at the expo" in moved["page"]
    assert PASSWORD.encode() not in second.read_bytes()
    assert settings.SECRET_KEY.encode() not in archive.read_bytes()

    shutil.copy(Path(settings.ANNALS_VAR) / "ledger.key", back / "ledger.key")
    secret = {"SECRET_KEY": json.loads(keys.read_text())["SECRET_KEY"]}
    process = run(back, "-c", BACK, str(second), **anchors, **secret)
    assert process.returncode == 0, process.stdout + process.stderr
    came = json.loads(process.stdout.splitlines()[-1])
    assert came["interrupted"][0] == 2 and "the power went" in came["interrupted"][1]
    assert "not restored to the end" in came["refused"]
    code, said = came["restored"]
    assert code == 1 and "seal_ledger --new-epoch" in said, said
    assert "1 made again" in said
    assert "may have left since: 1;" in said
    assert came["names"] == ["Amara"]
    assert came["comments"] == ["Met at the expo", "Written there"]
    assert came["file"] == "What was said"
    assert came["verified"] == 0
    assert came["again"][0] == 2 and "not empty" in came["again"][1]
