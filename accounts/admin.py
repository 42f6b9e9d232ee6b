"""Users and roles in Django admin."""

from typing import Any

from allauth.account.admin import EmailAddress
from allauth.account.forms import ResetPasswordForm
from allauth.mfa.admin import Authenticator
from allauth.socialaccount.admin import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.changes import announcing
from accounts.forms import time_zones
from accounts.models import User
from accounts.roles import Role

# Roles are the groups that accounts.roles makes; an address is what the user's row says it is; a
# passkey is added and removed by its owner alone; a sign-in service is named by the settings.
for model in (Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(model)


class UserForm(forms.ModelForm):
    """A user with a role. Passwords are set by their owners, through the reset."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), initial="UTC")

    class Meta:
        model = User
        fields = ("email", "name", "is_active", "time_zone", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = time_zones(self.instance.time_zone)
        self.held = None if self.instance._state.adding else self.instance.role
        if not self.held:
            self.fields["role"].choices = [("", _("Choose a role")), *Role.choices]
        self.initial["role"] = self.held or ""

    def clean(self) -> dict[str, Any]:
        """Refuse to leave Annals without an administrator."""
        super().clean()
        cleaned = self.cleaned_data
        stays = cleaned.get("is_active") and cleaned.get("role") == Role.ADMINISTRATOR
        leaves = self.held == Role.ADMINISTRATOR and not stays
        if leaves and not User.objects.can_spare([self.instance.pk]):
            raise ValidationError(_ONLY_ADMINISTRATOR)
        return cleaned


_ONLY_ADMINISTRATOR = _(
    "This is the only active administrator. Make somebody else one first, so that someone can "
    "still manage accounts."
)


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Who may sign in, and as what. Nobody is deleted: events and comments keep naming people."""

    form = UserForm
    list_display = ("name", "email", "role", "is_active", "last_login")
    list_filter = ("is_active", ("groups", admin.RelatedOnlyFieldListFilter))
    search_fields = ("name", "email")
    ordering = ("name", "email")
    readonly_fields = ("last_login", "date_joined")
    fields = ("email", "name", "role", "is_active", "time_zone", "language", *readonly_fields)
    actions = ("activate", "deactivate", "send_reset_link")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the users with their roles."""
        return super().get_queryset(request).prefetch_related("groups")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: users are deactivated."""
        return False

    @admin.display(description=_("role"))
    def role(self, user: User) -> str:
        """Return the role's name."""
        return str(user.role.label) if user.role else "–"

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save the user with the chosen role."""
        if not change:
            obj.set_unusable_password()
        with announcing([obj.pk]):
            super().save_model(request, obj, form, change)
            obj.assign_role(form.cleaned_data["role"])

    @admin.action(description=_("Let selected users sign in"))
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Activate the users."""
        count = queryset.update(is_active=True)
        text = ngettext("%(count)d user can sign in.", "%(count)d users can sign in.", count)
        self.message_user(request, text % {"count": count})

    @admin.action(description=_("Switch off selected users"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Deactivate the users; who is signed in is signed out with the next click."""
        chosen = list(queryset.values_list("pk", flat=True))
        with transaction.atomic():
            if not User.objects.can_spare(chosen):
                self.message_user(request, str(_ONLY_ADMINISTRATOR), messages.ERROR)
                return
            count = User.objects.filter(pk__in=chosen).update(is_active=False)
        text = ngettext("%(count)d user switched off.", "%(count)d users switched off.", count)
        self.message_user(request, text % {"count": count})

    @admin.action(description=_("Send selected users a link to set a password"))
    def send_reset_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Send each active user the mail that "Forgot your password?" sends."""
        users = list(queryset.active())
        for user in users:
            form = ResetPasswordForm({"email": user.email})
            if form.is_valid():
                form.save(request)
        text = ngettext("%(count)d mail sent.", "%(count)d mails sent.", len(users))
        self.message_user(request, text % {"count": len(users)})


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """Shows what each role may do; that is decided in accounts.roles."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    has_change_permission = has_delete_permission = has_add_permission
