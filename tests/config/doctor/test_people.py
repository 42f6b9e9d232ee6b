"""The doctor asks for administrators, backups and proofs, and names people of the demo."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.utils import timezone

from accounts import demo
from activity.models import LedgerCheck
from activity.recording import Draft, write
from config.doctor import people
from tests.builders import make_contact, make_user
from tests.config.doctor.findings import SITE, said

pytestmark = pytest.mark.django_db


def test_who_looks_after_it_is_asked_for(settings: Any) -> None:
    settings.SITE_URL = SITE
    assert "ERROR Nobody is an administrator" in said(people.administrators)
    ada = make_user(name="Ada")
    assert "WARNING No administrator has a second step" in said(people.administrators)
    with connection.cursor() as cursor:  # how she set it up is another test's
        cursor.execute("ALTER TABLE mfa_authenticator DISABLE TRIGGER USER")
    Authenticator.objects.bulk_create(
        [Authenticator(user=ada, type=Authenticator.Type.TOTP, data={})]
    )
    assert said(people.administrators) == ""


def test_people_of_the_demo_are_named_on_a_server_only(settings: Any) -> None:
    make_user(name="Ada", email=demo.PEOPLE[0][0], password=demo.PASSWORD)
    assert said(people.demo_people) == ""
    settings.SITE_URL = SITE
    assert "ERROR People of the demo can sign in" in said(people.demo_people)


def test_a_backup_is_asked_for_until_there_is_a_recent_one(settings: Any, monkeypatch: Any) -> None:
    assert said(people.backups) == ""
    settings.SITE_URL = SITE
    assert "WARNING No backup was ever made" in said(people.backups)
    write([Draft("backup.created", "backup", None, None, {})])
    assert said(people.backups) == ""
    monkeypatch.setattr(people, "BACKUP", timedelta())
    assert "The last backup was made 0 days ago" in said(people.backups)


def test_a_log_that_is_not_proven_is_named(settings: Any, monkeypatch: Any) -> None:
    settings.ANNALS_LEDGER_KEY = ""
    assert "WARNING The log is not sealed" in said(people.proof)
    settings.ANNALS_LEDGER_KEY = "x"
    make_contact()
    assert said(people.proof) == ""
    monkeypatch.setattr("activity.ledger.status.LATE", timedelta(seconds=-60))
    assert "Events wait to be sealed" in said(people.proof)
    monkeypatch.undo()
    check = LedgerCheck.objects.create(
        kind=LedgerCheck.Kind.VERIFY, began_at=timezone.now(), ok=True, epoch=1, size=0
    )
    LedgerCheck.objects.filter(pk=check.pk).update(ended_at=timezone.now() - timedelta(days=3))
    assert "not verified for two days" in said(people.proof)
    LedgerCheck.objects.filter(pk=check.pk).update(ok=False)
    assert "ERROR The log is not what was sealed" in said(people.proof)
