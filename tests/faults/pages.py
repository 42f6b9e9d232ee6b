"""What can be done to Annals, on its pages and in its administration.

Each deed takes the scene and a mark that it writes wherever it can. It returns the id of the
contact or user under whose events the mark must now be found, None where it may have had nothing to
do, and FORGOTTEN where nothing may be left of the mark. It raises where nothing has happened.
"""

from typing import Any

from django.test import Client

from accounts.models import User
from accounts.roles import Role
from contacts.models import Contact
from tests.faults.scene import ROLES, Broken, Deed, Scene, Undo, new_id


def post(browser: Client, path: str, **form: Any) -> Any:
    """Send a form. Raises Undo where it was refused, Broken where the page does not know why."""
    answer = browser.post(path, form)
    if answer.status_code >= 500:
        raise Broken(path, answer.exc_info[1])
    if answer.status_code >= 400:
        raise Undo(answer.status_code)
    return answer


# Pages


def create_on_page(scene: Scene, mark: str) -> Any:
    sent = {"given_name": mark, "email": f"{mark}@x.example", "id": new_id()}
    post(scene.browser(), "/contacts/new", **sent)
    return scene.born(Contact.objects.get(given_name=mark)).pk


def edit_on_page(scene: Scene, mark: str) -> Any:
    contact = scene.contact()
    kept = {"given_name": contact.given_name, "email": contact.emails, "version": contact.version}
    post(scene.browser(), f"/contacts/{contact.pk}/edit", city=mark, **kept)
    return contact.pk


def archive_on_page(scene: Scene, mark: str) -> None:
    action = scene.chance.choice(("archive", "restore", "restore"))
    post(scene.browser(), f"/contacts/{scene.pk()}/{action}", reason=mark)


def delete_on_page(scene: Scene, mark: str) -> None:
    contact = scene.contact()
    form = {"confirm": contact.name, "reason": mark}
    post(scene.browser(), f"/contacts/{contact.pk}/delete", **form)


def comment_on_page(scene: Scene, mark: str) -> Any:
    pk = scene.pk()
    post(scene.browser(), f"/contacts/{pk}/comments/", body=mark, id=new_id())
    return pk


def edit_comment_on_page(scene: Scene, mark: str) -> None:
    comment = scene.comment()
    form = {"body": mark, "version": comment.version}
    for role in ROLES:
        if scene.world.team[role].pk == comment.author_id:
            post(scene.browsers[role], f"/comments/{comment.pk}/edit", **form)


def delete_comment_on_page(scene: Scene, mark: str) -> None:
    post(scene.browser(), f"/comments/{scene.comment().pk}/delete")


def write_on_page(scene: Scene, mark: str) -> Any:
    contact = scene.contact()
    form = {"body": mark, "address": contact.email, "id": new_id()}
    post(scene.browser(), f"/contacts/{contact.pk}/messages/", **form)
    return contact.pk


def cancel_on_page(scene: Scene, mark: str) -> None:
    post(scene.browser(), f"/messages/{scene.message().pk}/cancel")


def invite_on_page(scene: Scene, mark: str) -> None:
    contact = scene.contact()
    form = {"email": contact.email, "role": "client", "note": mark, "id": new_id()}
    post(scene.browser(), f"/contacts/{contact.pk}/invitations/", **form)


def revoke_on_page(scene: Scene, mark: str) -> None:
    action = scene.chance.choice(("revoke", "resend"))
    post(scene.browser(), f"/invitations/{scene.invitation().pk}/{action}")


def share_on_page(scene: Scene, mark: str) -> Any:
    pk, to = scene.pk(), f"{mark}@elsewhere.example"
    form = {"id": new_id(), "to": to, "fields": ["emails"], "note": mark}
    post(scene.browser(), f"/contacts/{pk}/shares/", **form)
    return pk


# Administration


def edit_in_administration(scene: Scene, mark: str) -> Any:
    browser, path = scene.browsers["administrator"], f"/admin/contacts/contact/{scene.pk()}/change/"
    page = browser.get(path)
    if page.status_code != 200:
        raise Undo(page.status_code)
    values = {bound.name: bound.value() for bound in page.context["adminform"].form}
    form = {
        name: "\n".join(value) if isinstance(value, list) else value
        for name, value in values.items()
        if value is not None
    }
    return _saved(post(browser, path, **form | {"notes": mark}), path.split("/")[-3])


def manage_user_in_administration(scene: Scene, mark: str) -> Any:
    user = scene.user()
    form = {"email": user.email, "name": mark, "role": scene.chance.choice(Role.values)}
    form |= {"time_zone": "UTC", "language": "en"}
    form |= {"is_active": "on"} if scene.chance.random() < 0.8 else {}
    path = f"/admin/accounts/user/{user.pk}/change/"
    return _saved(post(scene.browsers["administrator"], path, **form), user.pk)


def add_user_in_administration(scene: Scene, mark: str) -> Any:
    form = {"email": f"{mark}@x.example", "name": mark, "role": "viewer", "is_active": "on"}
    form |= {"time_zone": "UTC", "language": "en"}
    post(scene.browsers["administrator"], "/admin/accounts/user/add/", **form)
    return User.objects.get(name=mark).pk


def _saved(answer: Any, pk: Any) -> Any:
    """Return the id; raises Undo where the administration shows the form again."""
    if answer.status_code != 302:
        raise Undo(answer.status_code)
    return pk


# How often each is done, in proportion.
PAGES: dict[Deed, int] = {
    create_on_page: 4, edit_on_page: 8, archive_on_page: 6, delete_on_page: 1,
    comment_on_page: 6, edit_comment_on_page: 3, delete_comment_on_page: 1, write_on_page: 3,
    cancel_on_page: 2, invite_on_page: 2, revoke_on_page: 2, share_on_page: 2,
    edit_in_administration: 3, manage_user_in_administration: 3, add_user_in_administration: 1,
}  # fmt: skip
