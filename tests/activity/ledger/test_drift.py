"""Rows that were changed past the log: by hand, with the guards switched off."""

import pytest

from activity.ledger.sealing import seal_pending
from activity.ledger.verification.drift import check_drift
from activity.ledger.verification.findings import Finding
from activity.models import ActivityEvent
from contacts.models import Comment, Contact
from tests.activity.ledger.tampering import forge, run, unguarded, verified
from tests.builders import make_comment, make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    """Return a contact that was changed twice, with a comment; there is another one, too."""
    amara = make_contact(given_name="Amara", emails=["amara@example.com"])
    amara.city = "Lagos"
    amara.save()
    amara.archive()
    make_comment(amara)
    make_contact(given_name="Ben")
    seal_pending()
    return amara


@pytest.fixture
def comment(amara: Contact) -> Comment:
    return Comment.objects.get()


def newest_event(pk: object) -> int:
    return ActivityEvent.objects.filter(object_id=pk).latest("id").pk


def the_one() -> Finding:
    [finding] = check_drift()
    return finding


def test_rows_that_changed_through_their_models_do_not_drift(amara: Contact) -> None:
    assert list(check_drift()) == []


def test_a_contact_changed_by_hand_is_named_with_what_changed(amara: Contact) -> None:
    forge(
        "UPDATE contacts_contact SET city = 'Paris', emails = '{}', archived_at = NULL"
        " WHERE id = %s",
        amara.pk,
    )
    assert the_one() == Finding(
        "drift", newest_event(amara.pk),
        f"contact {amara.pk} as its version 3 has it, in emails, city, archived_at",
    )  # fmt: skip


def test_a_comment_changed_by_hand_is_named_and_its_text_is_not_told(comment: Comment) -> None:
    forge("UPDATE contacts_comment SET body = 'forged' WHERE id = %s", comment.pk)
    assert the_one().event == newest_event(comment.pk)
    assert "in body" in the_one().expected
    assert "forged" not in the_one().expected
    assert comment.body not in the_one().expected


def test_a_version_number_changed_by_hand_is_named(amara: Contact) -> None:
    forge("UPDATE contacts_contact SET version = 2 WHERE id = %s", amara.pk)
    assert the_one().expected == f"contact {amara.pk} as its version 3 has it, in version"


def test_a_version_changed_by_hand_is_named(amara: Contact) -> None:
    change = "UPDATE contacts_historicalcontact SET city = 'Paris' WHERE id = %s AND version = 3"
    forge(change, amara.pk)
    assert the_one().expected == f"contact {amara.pk} as its version 3 has it, in city"


def test_a_row_without_any_version_is_named(amara: Contact) -> None:
    with unguarded():
        run("DELETE FROM contacts_historicalcontact WHERE id = %s", amara.pk)
    assert the_one().expected == f"a version of contact {amara.pk}; it has none"


@pytest.mark.parametrize("version", [1, 2])
def test_a_version_that_is_gone_is_named(amara: Contact, version: int) -> None:
    sql = "DELETE FROM contacts_historicalcontact WHERE id = %s AND version = %s"
    forge(sql, amara.pk, version)
    assert the_one().kind == "history"
    assert the_one().event == newest_event(amara.pk)


def test_a_version_that_is_there_twice_is_named(amara: Contact) -> None:
    columns = [
        field.column for field in Contact.history.model._meta.fields if not field.primary_key
    ]
    names = ", ".join(columns)
    with unguarded():
        run(
            f"INSERT INTO contacts_historicalcontact ({names}) SELECT {names}"
            " FROM contacts_historicalcontact WHERE id = %s AND version = 2",
            amara.pk,
        )
    assert the_one().kind == "history"


def test_a_row_deleted_by_hand_is_named(comment: Comment) -> None:
    event = newest_event(comment.pk)
    forge("DELETE FROM contacts_comment WHERE id = %s", comment.pk)
    expected = f"comment {comment.pk}, which was not deleted; it is gone"
    assert list(check_drift()) == [Finding("drift", event, expected)]


def test_a_row_deleted_by_hand_with_all_its_versions_is_named(comment: Comment) -> None:
    with unguarded():
        run("DELETE FROM contacts_comment")
        run("DELETE FROM contacts_historicalcomment")
    assert the_one().event == newest_event(comment.pk)


def test_a_contact_that_was_deleted_for_good_does_not_drift(amara: Contact) -> None:
    amara.delete(reason="Asked for it")
    seal_pending()
    assert verified() == []
