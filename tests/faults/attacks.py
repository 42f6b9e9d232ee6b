"""What can be done to Annals behind its models' back: raw SQL, base classes, half transactions.

Each attack takes the scene and a mark, as deeds do. All but the last must be refused by the
database, at once or at COMMIT, whatever else the transaction did properly.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection, transaction

from accounts.models import User
from activity.recording import Draft, keep_versions, write
from contacts.models import Contact
from tests.faults.scene import Deed, Scene, new_id


class Unrefused(Exception):
    """The database let something happen that it must refuse."""


def run(sql: str, *parameters: Any) -> int:
    """Run a statement; return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


def refused(*statements: tuple[Any, ...], before: Callable[[], Any] | None = None) -> None:
    """Run it all in one transaction. Raises Unrefused where that touched rows and was committed."""
    with transaction.atomic():
        if before:
            before()
        touched = sum(run(*statement) for statement in statements)
    if touched:
        raise Unrefused(statements)


def update(scene: Scene, mark: str) -> None:
    refused(("UPDATE contacts_contact SET city = %s WHERE id = %s", mark, scene.pk()))


def update_many(scene: Scene, mark: str) -> None:
    refused(("UPDATE contacts_comment SET body = %s WHERE deleted_at IS NULL", mark))


def update_as_replica(scene: Scene, mark: str) -> None:
    def replicate() -> None:
        run("SET LOCAL session_replication_role = replica")

    refused(
        ("UPDATE contacts_contact SET notes = %s WHERE id = %s", mark, scene.pk()), before=replicate
    )


def delete(scene: Scene, mark: str) -> None:
    pk = scene.pk()
    refused(("DELETE FROM contacts_comment WHERE contact_id = %s", pk))


def insert(scene: Scene, mark: str) -> None:
    sql = "INSERT INTO contacts_comment (id, version, contact_id, author_id, body, created_at)"
    author = scene.world.team["member"].pk
    refused(
        (f"{sql} SELECT %s, 1, id, %s, %s, now() FROM contacts_contact WHERE id = %s",
         new_id(), author, mark, scene.pk())
    )  # fmt: skip


def copy(scene: Scene, mark: str) -> None:
    columns = "id, email, name, password, is_superuser, is_active, date_joined"
    names = f"{columns}, time_zone, language, theme"
    with transaction.atomic():
        sql = f"COPY accounts_user ({names}) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(sql) as stream:
            row = (new_id(), f"{mark}@x.example", mark, "!", True, True, "2026-01-01Z")
            stream.write_row((*row, "UTC", "en", "system"))
    raise Unrefused(sql)


def base_classes(scene: Scene, mark: str) -> None:
    if scene.chance.random() < 0.5:
        Contact(given_name=mark).save_base(raw=True, force_insert=True)
        raise Unrefused("save_base")
    if Contact._base_manager.filter(pk=scene.pk()).update(city=mark):
        raise Unrefused("base manager")


def beside_a_proper_change(scene: Scene, mark: str) -> None:
    contact = scene.contact()
    contact.city = f"{mark} properly"
    sql = "UPDATE contacts_contact SET region = %s WHERE id = %s"
    refused((sql, mark, contact.pk), before=contact.save)


def event_of_a_savepoint(scene: Scene, mark: str) -> None:
    """The change stays, its event is rolled back."""
    contact = scene.contact()

    def record_and_undo() -> None:
        savepoint = transaction.savepoint()
        contact.city = mark
        contact.save()
        transaction.savepoint_rollback(savepoint)

    sql = "UPDATE contacts_contact SET city = %s WHERE id = %s"
    refused((sql, mark, contact.pk), before=record_and_undo)


def event_of_another(scene: Scene, mark: str) -> None:
    other = Contact(given_name=mark)
    sql = "UPDATE contacts_contact SET city = %s WHERE id = %s"
    refused((sql, mark, scene.pk()), before=other.save)


def rights(scene: Scene, mark: str) -> None:
    user, group = scene.user(), Group.objects.get(name="administrator")
    insert = "INSERT INTO accounts_user_groups (user_id, group_id) VALUES (%s, %s)"
    scene.chance.choice((
        lambda: refused(("DELETE FROM accounts_user_groups WHERE user_id = %s", user.pk)),
        lambda: refused((f"{insert} ON CONFLICT DO NOTHING", user.pk, group.pk)),
        lambda: refused(("UPDATE accounts_user SET name = %s WHERE id = %s", mark, user.pk)),
        lambda: refused(("UPDATE accounts_user SET password = %s WHERE id = %s", mark, user.pk)),
        lambda: refused(("UPDATE accounts_user SET is_superuser = NOT is_superuser",)),
        lambda: refused(("DELETE FROM accounts_user WHERE id = %s", user.pk)),
        lambda: refused((f"{insert} ON CONFLICT DO NOTHING", user.pk, group.pk),
                        before=lambda: _rename(user, mark)),
    ))()  # fmt: skip


def memberships_in_bulk(scene: Scene, mark: str) -> None:
    members = User.groups.through.objects
    with transaction.atomic():
        row = members.model(user=scene.user(), group=Group.objects.get(name="administrator"))
        members.filter(user=row.user).delete()
        members.bulk_create([row])
    raise Unrefused("bulk_create of memberships")


def passkeys(scene: Scene, mark: str) -> None:
    sql = "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
    data = f'{{"name": "{mark}", "credential": {{}}}}'
    refused((f"{sql} VALUES (%s, 'webauthn', %s, now())", scene.user().pk, data))


def the_log_itself(scene: Scene, mark: str) -> None:
    statement = scene.chance.choice((
        "UPDATE activity_event SET verb = %s WHERE id = (SELECT max(id) FROM activity_event)",
        "DELETE FROM activity_event WHERE %s <> '' AND id % 97 = 0",
        "UPDATE contacts_historicalcontact SET city = %s WHERE history_id % 97 = 0",
        "DELETE FROM contacts_historicalcontact WHERE %s <> '' AND history_id % 97 = 0",
        "UPDATE activity_origin SET route = %s WHERE started_at > now() - interval '1 second'",
    )).replace("id % ", "id %% ")  # fmt: skip
    refused((statement, mark))


def truncate(scene: Scene, mark: str) -> None:
    table = scene.chance.choice(("contacts_comment", "accounts_user_groups", "mfa_authenticator"))
    with transaction.atomic():
        run("SET LOCAL lock_timeout = '500ms'")
        run(f"TRUNCATE {table}")
    raise Unrefused(table)


def with_an_event_of_its_own(scene: Scene, mark: str) -> Any:
    """The one way in which raw SQL is right: it says what it did, and keeps the version."""
    contact = scene.contact()
    change = {"field": "city", "label": "City", "draw": "text", "old": contact.city, "new": mark}
    with transaction.atomic():
        if not run("UPDATE contacts_contact SET city = %s WHERE id = %s", mark, contact.pk):
            return None
        payload = {"changes": [change]}
        write([Draft("contact.updated", "contact", contact.pk, contact.pk, payload)])
        keep_versions(Contact, [contact.pk], new=False, reason="contact.updated")
    return contact.pk


def _rename(user: User, mark: str) -> None:
    user.name = mark
    user.save()


ATTACKS: dict[Deed, int] = {
    update: 4, update_many: 1, update_as_replica: 1, delete: 1, insert: 2, copy: 1,
    base_classes: 2, beside_a_proper_change: 3, event_of_a_savepoint: 3, event_of_another: 2,
    rights: 6, memberships_in_bulk: 1, passkeys: 1, the_log_itself: 2, truncate: 1,
    with_an_event_of_its_own: 3,
}  # fmt: skip
