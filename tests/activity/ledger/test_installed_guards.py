"""A guard that is missing, switched off or changed is named, and a forgotten column as well."""

import re

import pytest
from django.db import connection, models

from activity import guards
from activity.ledger.verification.installed import check_guards, expected_triggers
from contacts.models import Comment, Contact, Tracked

pytestmark = pytest.mark.django_db


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def sentences() -> list[str]:
    found = list(check_guards())
    assert all(finding.kind == "guard" and finding.event is None for finding in found)
    return [finding.expected for finding in found]


def test_every_guard_stands_as_it_was_made() -> None:
    assert sentences() == []


@pytest.mark.parametrize(
    ("trigger", "table"),
    [
        ("annals_guard", "activity_event"),
        ("annals_pending", "activity_event"),
        ("annals_no_truncate", "activity_leaf"),
        ("annals_changed", "contacts_contact"),
        ("annals_guard", "contacts_historicalshare"),
    ],
)
def test_a_guard_that_was_dropped_is_named(trigger: str, table: str) -> None:
    run(f"DROP TRIGGER {trigger} ON {table}")
    assert sentences() == [f"the guard {trigger} on {table}; it is gone"]


@pytest.mark.parametrize("mode", ["DISABLE", "ENABLE", "ENABLE REPLICA"])
def test_a_guard_that_does_not_always_fire_is_named(mode: str) -> None:
    run(f"ALTER TABLE activity_checkpoint {mode} TRIGGER annals_guard")
    [text] = sentences()
    assert "annals_guard on activity_checkpoint" in text
    assert "changed: fires" in text


def test_a_guard_that_fires_less_often_is_named() -> None:
    run(
        "DROP TRIGGER annals_guard ON activity_event",
        "CREATE TRIGGER annals_guard BEFORE DELETE ON activity_event"
        " FOR EACH ROW WHEN (OLD.id < 0) EXECUTE FUNCTION annals_guard_event()",
        "ALTER TABLE activity_event ENABLE ALWAYS TRIGGER annals_guard",
    )
    [text] = sentences()
    assert "annals_guard on activity_event" in text
    assert "changed: events, condition" in text


def test_a_guard_that_does_something_else_is_named() -> None:
    run(
        "CREATE OR REPLACE FUNCTION annals_guard_event() RETURNS trigger LANGUAGE plpgsql AS $$"
        "BEGIN RETURN NEW; END $$"
    )
    assert sentences() == ["the guards' function annals_guard_event as it was made"]


def test_a_guard_that_acts_in_the_name_of_its_owner_is_named() -> None:
    run("ALTER FUNCTION annals_refuse() SECURITY DEFINER")
    assert sentences() == ["the guards' function annals_refuse as it was made"]


@pytest.mark.parametrize(
    "change", ["annals_stamp_event() RESET ALL", "annals_refuse() SET enable_seqscan TO off"]
)
def test_a_guard_that_runs_with_other_settings_is_named(change: str) -> None:
    run(f"ALTER FUNCTION {change}")
    name = change.partition("(")[0]
    assert sentences() == [f"the guards' function {name} as it was made"]


def test_a_trigger_that_nobody_knows_is_named() -> None:
    run(
        "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NULL; END $$",
        "CREATE TRIGGER zz BEFORE INSERT ON activity_event FOR EACH ROW EXECUTE FUNCTION swallow()",
    )
    assert sentences() == ["no other trigger, like zz, on activity_event"]


def test_a_rule_that_turns_writes_away_is_named() -> None:
    run("CREATE RULE swallow AS ON INSERT TO activity_pending DO INSTEAD NOTHING")
    run("CREATE RULE swallow AS ON INSERT TO activity_event DO INSTEAD NOTHING")
    assert sentences() == [
        "no rule, like swallow, on activity_event",
        "no rule, like swallow, on activity_pending",
    ]


def test_a_table_that_is_gone_lacks_its_guards() -> None:
    run("ALTER TABLE activity_anchor RENAME TO elsewhere")
    assert sentences() == [
        "the guard annals_guard on activity_anchor; it is gone",
        "the guard annals_no_truncate on activity_anchor; it is gone",
    ]


@pytest.mark.parametrize("model", Tracked.__subclasses__())
def test_a_column_that_the_guard_forgets_is_found(model: type[Tracked]) -> None:
    forgotten = models.TextField()
    forgotten.set_attributes_from_name("forgotten")
    model._meta.local_fields.append(forgotten)
    model._meta._expire_cache()
    try:
        [text] = sentences()
    finally:
        model._meta.local_fields.remove(forgotten)
        model._meta._expire_cache()
    assert f"annals_version on {model._meta.db_table}" in text
    assert "changed: columns, condition" in text


def test_guards_made_anew_for_fewer_columns_are_found() -> None:
    run(
        guards.track(
            "contacts_comment", "contacts_historicalcomment", "comment", "contact_id", ["body"]
        )
    )
    [text] = sentences()
    assert "annals_version on contacts_comment" in text


def test_content_is_every_column_but_those_that_triggers_keep() -> None:
    assert "last_activity_at" not in guards.of(Contact)
    assert "OLD.deleted_by_id" in guards.of(Comment)


def test_no_guard_is_passed_over_because_of_how_it_is_written() -> None:
    text = guards.expected()
    triggers = text.count("CREATE TRIGGER") + text.count("CREATE CONSTRAINT TRIGGER")
    assert len(expected_triggers()) == triggers
    for name in re.findall(r"CREATE OR REPLACE FUNCTION (\w+)", text):
        run(f"ALTER FUNCTION {name} RENAME TO elsewhere")
        assert f"the guards' function {name}; it is gone" in sentences()
        run(f"ALTER FUNCTION elsewhere RENAME TO {name}")


def test_a_function_of_the_same_name_that_could_be_called_instead_is_named() -> None:
    run(
        "CREATE SCHEMA elsewhere",
        "CREATE FUNCTION elsewhere.annals_user_state(uuid) RETURNS jsonb LANGUAGE sql AS"
        " $$ SELECT '{}'::jsonb $$",
    )
    assert sentences() == ["the guards' function annals_user_state as it was made"]


@pytest.mark.parametrize(
    "table", ["accounts_user", "accounts_user_groups", "mfa_authenticator", "activity_pending"]
)
def test_the_guards_of_users_and_the_outbox_count_as_well(table: str) -> None:
    run(f"CREATE RULE swallow AS ON INSERT TO {table} DO INSTEAD NOTHING")
    assert sentences() == [f"no rule, like swallow, on {table}"]
