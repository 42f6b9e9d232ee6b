"""Which settings of the deployment changed is an event, written by `migrate`."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import post_migrate

from activity.deployment import NOTED, note_settings, noted
from activity.models import ActivityEvent

pytestmark = pytest.mark.django_db


def migrate() -> bool:
    return note_settings(plan=[])


def newest() -> dict[str, Any]:
    return ActivityEvent.objects.filter(verb="settings.changed").order_by("-pk")[0].payload


def test_the_first_time_all_settings_are_noted_as_they_are() -> None:
    assert migrate()
    assert newest()["changes"] == []
    assert newest()["settings"].keys() == {*NOTED, "EMAIL"}
    assert newest()["settings"]["ORIGIN_DAYS"] == "365"


def test_what_stays_as_it_is_makes_no_event() -> None:
    migrate()
    assert not migrate()


def test_a_change_says_what_it_was_and_what_it_is(settings: Any) -> None:
    settings.LEDGER_ANCHOR_EMAILS = ["notary@annals.example", "board@annals.example"]
    migrate()
    settings.ORIGIN_DAYS, settings.LEDGER_ANCHOR_EMAILS = 90, []
    assert migrate()
    changes = {each["label"]: (each["old"], each["new"]) for each in newest()["changes"]}
    assert changes == {
        "LEDGER_ANCHOR_EMAILS": ("notary@annals.example, board@annals.example", None),
        "ORIGIN_DAYS": ("365", "90"),
    }
    event = ActivityEvent.objects.order_by("-pk")[0]
    assert (event.channel, event.actor_type, event.object_id) == ("command", "system", None)


def test_another_way_to_send_mail_is_a_change_and_its_password_no_part_of_it(settings: Any) -> None:
    migrate()
    settings.EMAIL_BACKEND = "contacts.smtp.EmailBackend"
    settings.EMAIL_HOST_PASSWORD = settings.SECRET_KEY = "never to be seen"
    assert migrate()
    [change] = newest()["changes"]
    assert (change["label"], change["new"]) == ("EMAIL", "contacts.smtp.EmailBackend")
    assert "never to be seen" not in str(newest())


def test_a_setting_that_comes_with_a_new_version_is_a_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("activity.deployment.NOTED", NOTED[1:])
    migrate()
    monkeypatch.undo()
    assert migrate()
    assert [change["label"] for change in newest()["changes"]] == [NOTED[0]]
    assert newest()["changes"][0]["old"] is None


def test_no_secret_is_noted() -> None:
    for name in noted():
        assert not any(word in name for word in ("SECRET", "PASSWORD", "URL")) or name in {
            "OIDC_SERVER_URL",
            "PASSWORD_RESET_TIMEOUT",
            "SITE_URL",
        }


def test_nothing_is_noted_where_nothing_was_migrated_or_not_all() -> None:
    assert not note_settings()
    newest_migration = MigrationRecorder(connection).migration_qs.filter(app="activity")
    newest_migration.order_by("-pk")[0].delete()
    assert not migrate()
    assert not ActivityEvent.objects.exists()


def test_migrate_is_what_notes_them() -> None:
    """The tests run without this receiver: see conftest."""
    activity = apps.get_app_config("activity")
    activity.ready()
    try:
        post_migrate.send(sender=activity, app_config=activity, using="default", plan=[])
    finally:
        assert post_migrate.disconnect(sender=activity, dispatch_uid="activity.deployment")
    assert newest()
