"""The guide to the key actions: what each does, step by step, and who may do it."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.roles import PERMISSIONS, Role
from contacts.gate import open_to_portal


@dataclass(frozen=True)
class Guide:
    """A page of the help: its text is templates/help/<slug>.html."""

    slug: str
    title: str | Promise
    told: str | Promise
    icon: str
    permission: str = "contacts.view_contact"
    has_picture: bool = True

    @property
    def template(self) -> str:
        """Return the template that holds its text."""
        return f"help/{self.slug}.html"

    @property
    def pictures(self) -> dict[str, str]:
        """Return the static files that show it, by the theme in which they were taken."""
        return {theme: f"help/{self.slug}-{theme}.webp" for theme in ("light", "dark")}

    @property
    def roles_told(self) -> str:
        """Return the roles that may do it, as a sentence lists them."""
        return ", ".join(str(role.label) for role in roles_with(self.permission))


GUIDES = (
    Guide(
        "comment",
        _("Comment"),
        _("Tell your team something that nobody else sees"),
        "message-square",
        "contacts.add_comment",
    ),
    Guide(
        "message",
        _("Send a message"),
        _("Write to a contact, and see whether it arrived"),
        "mail",
        "contacts.add_message",
    ),
    Guide(
        "invite",
        _("Invite"),
        _("Open a contact’s own portal, or bring somebody into the team"),
        "user-plus",
        "contacts.add_invitation",
    ),
    Guide(
        "share",
        _("Share"),
        _("Send chosen details to somebody, and know who has them"),
        "share-2",
        "contacts.add_share",
    ),
    Guide(
        "archive",
        _("Archive and restore"),
        _("Put a contact away and take it back, with nothing lost"),
        "archive",
        "contacts.archive_contact",
    ),
    Guide(
        "delete",
        _("Delete for good"),
        _("Erase a contact, and keep only a receipt"),
        "trash-2",
        "contacts.delete_contact",
    ),
    Guide(
        "history",
        _("Read the history"),
        _("See every version of a contact, and put a value back"),
        "scroll-text",
    ),
    Guide(
        "roles",
        _("Roles"),
        _("Who may do what"),
        "users",
        has_picture=False,
    ),
    Guide(
        "signing-in",
        _("Sign in safely"),
        _("Passkeys, authenticator apps, and what to do without your phone"),
        "key-round",
        has_picture=False,
    ),
    Guide(
        "privacy",
        _("Privacy"),
        _("What is kept, who sees it, and for how long"),
        "shield-check",
        has_picture=False,
    ),
)
# What the table of the roles says, each line with the permission that it stands for.
RIGHTS = (
    (_("See contacts, their timelines and histories"), "contacts.view_contact"),
    (_("Add and edit contacts"), "contacts.change_contact"),
    (_("Comment, and edit own comments"), "contacts.add_comment"),
    (_("Write to contacts"), "contacts.add_message"),
    (_("Archive and restore"), "contacts.archive_contact"),
    (_("Invite clients and partners"), "contacts.add_invitation"),
    (_("Share contacts"), "contacts.add_share"),
    (_("Import"), "contacts.import_contacts"),
    (_("Export"), "contacts.export_contacts"),
    (_("Act on many contacts at once"), "contacts.act_in_bulk"),
    (_("Merge duplicates"), "contacts.merge_contacts"),
    (_("Delete anybody’s comment"), "contacts.moderate_comment"),
    (_("Delete contacts for good"), "contacts.delete_contact"),
    (_("Invite to the team"), "contacts.invite_team"),
    (_("Manage users, roles and settings"), "accounts.access_admin"),
)


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def index(request: HttpRequest) -> HttpResponse:
    """List the guides."""
    return render(request, "help/index.html", {"guides": GUIDES})


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one guide. Raises Http404 where there is none of that name."""
    found = next((each for each in GUIDES if each.slug == slug), None)
    if not found:
        raise Http404(slug)
    page = {
        "guide": found,
        "guides": GUIDES,
        "may": request.user.has_perm(found.permission),
        "roles": Role,
        "rights": [(label, roles_with(permission)) for label, permission in RIGHTS],
        "invitation_days": settings.INVITATION_DAYS,
        "name_days": settings.DELETED_NAME_DAYS,
        "origin_days": settings.ORIGIN_DAYS,
    }
    return render(request, found.template, page)


@open_to_portal
@require_safe
def portal(request: HttpRequest) -> HttpResponse:
    """Show whoever has a portal what can be done there."""
    return render(request, "help/portal.html")


def roles_with(permission: str) -> list[Role]:
    """Return the roles to which the table of accounts/roles.py gives a permission."""
    every = permission.partition(".")[0] + ".*"
    return [role for role, granted in PERMISSIONS.items() if {permission, every} & {*granted}]
