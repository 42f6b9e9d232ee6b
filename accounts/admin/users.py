"""Users in Django admin: who may sign in, as what, how safely, and from where they are."""

from typing import Any

from allauth.account.forms import ResetPasswordForm
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.details import END, TYPES, Details
from accounts.admin.filters import FactorFilter, LastSignInFilter, RoleFilter
from accounts.admin.form import ONLY_ADMINISTRATOR, UserForm
from accounts.changes import announcing, password_link_sent
from accounts.models import User
from accounts.second_step import is_required_of
from accounts.sessions import Session, open_sessions, sign_out_everywhere, sign_out_of
from accounts.sudo import confirmed_lately, sudo_required

# Chosen with a new user, and then that user's own affair: no event tells of them.
PREFERENCES = ("time_zone", "language")


@method_decorator(sudo_required, name="changelist_view")
@method_decorator(sudo_required, name="changeform_view")
@admin.register(User)
class UserAdmin(Details, admin.ModelAdmin):
    """Who may sign in, and as what. Nobody is deleted: events and comments keep naming people."""

    form = UserForm
    list_display = (
        *("name", "email", "role", "is_active", "second_factor", "signed_in_on", "last_login"),
    )
    list_filter = ("is_active", RoleFilter, FactorFilter, LastSignInFilter)
    list_per_page = 50
    search_fields = ("name", "email")
    ordering = ("name", "email")
    fields_written = ("email", "name", "role", "is_active")
    actions = (*("activate", "deactivate", "send_reset_link", "sign_out", "take_away_factors"),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the users with their roles, kinds of factors, and number of sessions."""
        kinds = Authenticator.objects.filter(user=OuterRef("pk")).order_by("type").distinct()
        signed_in = Session.objects.filter(user=OuterRef("pk"), expire_date__gt=timezone.now())
        number = signed_in.order_by().values("user").annotate(number=Count("pk")).values("number")
        users = super().get_queryset(request).prefetch_related("groups")
        return users.annotate(
            factor_kinds=ArraySubquery(kinds.values("type")),
            session_count=Coalesce(Subquery(number), 0),
        )

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[Any, ...]:
        """Return the rows of the page: of somebody who is there already, all."""
        return self.fields_written + (
            self.get_readonly_fields(request, obj) if obj else PREFERENCES
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[Any, ...]:
        """Return the rows that are only read: of somebody who is there, preferences, too."""
        read = ("last_login", "date_joined", *self.rows())
        return PREFERENCES + read if obj else read

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: users are deactivated."""
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show and save a user; say beforehand where saving will ask who is there."""
        if request.method == "GET" and not confirmed_lately(request):
            self.message_user(request, _("Saving will ask you to confirm that it is you first."))
        return super().changeform_view(request, *args, **kwargs)

    @admin.display(description=_("role"))
    def role(self, user: User) -> str:
        """Return the role's name."""
        return str(user.role.label) if user.role else "–"

    @admin.display(description=_("second factor"))
    def second_factor(self, user: Any) -> str:
        """Name the kinds of factors; say where there is none though the role asks for one."""
        kinds = [str(TYPES[kind]) for kind in TYPES if kind in user.factor_kinds]
        if set(user.factor_kinds) <= {Authenticator.Type.RECOVERY_CODES} and is_required_of(user):
            return str(_("None, but required"))
        return ", ".join(kinds) or "–"

    @admin.display(description=_("signed in on"))
    def signed_in_on(self, user: Any) -> str:
        """Return on how many devices the user is signed in."""
        number = user.session_count
        text = ngettext("%(count)d device", "%(count)d devices", number)
        return text % {"count": number} if number else "–"

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save the user with the chosen role, and end the sessions that were ticked."""
        if not change:
            obj.set_unusable_password()
        with announcing([obj.pk]):
            super().save_model(request, obj, form, change)
            obj.assign_role(form.cleaned_data["role"])
        ticked = request.POST.getlist(END)
        sign_out_of(obj, [each for each in open_sessions(obj) if each.handle in ticked])

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
                self.message_user(request, str(ONLY_ADMINISTRATOR), messages.ERROR)
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
                password_link_sent.send(sender=User, user=user)
        text = ngettext("%(count)d mail sent.", "%(count)d mails sent.", len(users))
        self.message_user(request, text % {"count": len(users)})

    @admin.action(description=_("Sign selected users out everywhere"))
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End all sessions of the users, but for the one in which this is done."""
        present = request.session.session_key
        count = sum(sign_out_everywhere(user, but=present) for user in queryset)
        text = ngettext(
            "Signed out on %(count)d device.", "Signed out on %(count)d devices.", count
        )
        self.message_user(request, text % {"count": count})

    @admin.action(description=_("Take away the second factors of selected users"))
    def take_away_factors(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Take away apps, codes and passkeys, as where a phone is lost; not one's own."""
        others = [user for user in queryset if user != request.user]
        if len(others) < len(queryset):
            own = _("Your own second factors you take away in your preferences.")
            self.message_user(request, own, messages.WARNING)
        count = sum(bool(user.remove_second_factors()) for user in others)
        text = ngettext(
            "%(count)d user has no second factor any more.",
            "%(count)d users have no second factor any more.",
            count,
        )
        self.message_user(request, text % {"count": count})
