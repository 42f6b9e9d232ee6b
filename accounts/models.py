"""Who signs in: a user's identity, role and preferences."""

import zoneinfo
from contextlib import nullcontext
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.changes import WATCHED, announcing, closed_address, second_factors_removed
from accounts.passwords import LONGEST
from accounts.permissions import names_of
from accounts.roles import Role
from accounts.sessions import end_sessions
from accounts.user_query import UserManager


def validate_time_zone(name: str) -> None:
    """Raise ValidationError where the IANA time zone database has no zone of that name."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(zone)s” is not a known time zone."), code="invalid", params={"zone": name}
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. Users are deactivated, never deleted: the log keeps naming them."""

    class Digest(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        HOURLY = "hourly", _("Every hour")
        DAILY = "daily", _("Every day at 8 in the morning")
        NEVER = "never", _("Never")

    class Theme(models.TextChoices):
        SYSTEM = "system", _("Same as the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(
        _("email address"),
        max_length=254,
        unique=True,
        error_messages={"unique": _("Another user has this address.")},
    )
    name = models.CharField(_("name"), max_length=150)
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Who is not active cannot sign in. Accounts are never deleted."),
    )
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    theme = models.CharField(
        _("appearance"), max_length=8, choices=Theme.choices, default=Theme.SYSTEM
    )
    digest = models.CharField(
        _("mail about your inbox"),
        max_length=8,
        choices=Digest.choices,
        default=Digest.HOURLY,
        db_default=Digest.HOURLY,
        help_text=_("Tells what you have not read here by then. Without news, there is no mail."),
    )
    shortcuts = models.BooleanField(
        _("keyboard shortcuts"),
        default=True,
        db_default=True,
        help_text=_("Turned off, no key does anything here but what the browser does with it."),
    )
    # Which part of a timeline was chosen last; empty for all of it.
    timeline_group = models.CharField(
        max_length=16, blank=True, default="", db_default="", editable=False
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = (("access_admin", _("Can enter the administration")),)
        constraints = [
            models.CheckConstraint(
                name="user_email_in_lower_case", condition=models.Q(email=Lower("email"))
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean_fields(self, exclude: Any = None) -> None:
        """Validate the fields, the address in the form in which it is kept."""
        self.email = self.email.strip().lower()
        super().clean_fields(exclude)

    def save(self, *args: Any, update_fields: Any = None, **kwargs: Any) -> None:
        """Save with the address in lower case; an address that was replaced signs in no longer."""
        self.email = self.email.strip().lower()
        written = not self._state.adding and (update_fields is None or "email" in update_fields)
        watched = update_fields is None or not WATCHED.isdisjoint(update_fields)
        with announcing([self.pk]) if watched else nullcontext():
            super().save(*args, update_fields=update_fields, **kwargs)
            if written:
                self.emailaddress_set.exclude(email=self.email).delete()

    save.alters_data = True

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse with ProtectedError: contacts, comments and events keep naming their people."""
        raise models.ProtectedError(gettext("Users are deactivated, never deleted."), {self})

    def check_password(self, raw_password: str) -> bool:
        """Tell whether that is the password; one kept in an older form is kept anew."""
        if len(raw_password) > LONGEST:
            return False

        def keep_anew(password: str) -> None:
            self.password = make_password(password)
            with announcing([self.pk], rehashed=True):
                self.save(update_fields=["password"])

        return check_password(raw_password, self.password, keep_anew)

    def get_short_name(self) -> str:
        """Return what Django admin greets the user by."""
        return str(self)

    def open_timelines_with(self, group: str) -> None:
        """Open timelines with that part of them from now on; with all of it where it is empty."""
        if group != self.timeline_group:
            self.timeline_group = group
            self.save(update_fields=["timeline_group"])

    open_timelines_with.alters_data = True

    @property
    def role(self) -> Role | None:
        """Return the role, or None for a user who was not given one yet."""
        return next((Role(g.name) for g in self.groups.all() if g.name in Role.values), None)

    def assign_role(self, role: str) -> None:
        """Give the user this role instead of the one held until now. Raises ValueError if unknown.

        Permissions that were looked up on this instance before stay as they were: fetch it again.
        """
        with announcing([self.pk]):
            self.groups.set([Group.objects.get(name=Role(role))])

    def close(self) -> None:
        """Let nobody sign in with this account again, and keep nothing that names its person."""
        self.is_active = False
        self.name, self.email = "", closed_address(self.pk)
        self.set_unusable_password()
        with transaction.atomic():
            self.save()
            self.authenticator_set.all().delete()
            self.socialaccount_set.all().delete()
            end_sessions(self.pk)

    close.alters_data = True

    def remove_second_factors(self) -> int:
        """Take away authenticator app, recovery codes and passkeys; return how many there were.

        For an administrator, where a phone is lost. All sessions end with them.
        """
        with transaction.atomic():
            held = list(self.authenticator_set.select_for_update().order_by("pk"))
            if held:
                self.authenticator_set.filter(pk__in=[factor.pk for factor in held]).delete()
                types = [factor.type for factor in held]
                second_factors_removed.send(type(self), user=self, removed=types)
                end_sessions(self.pk)
        return len(held)

    remove_second_factors.alters_data = True

    @cached_property
    def permissions(self) -> frozenset[str]:
        """Return what the user may do, as "app.codename", also where it came with the user."""
        if "role_rights" not in self.__dict__:
            return frozenset(self.get_all_permissions())
        return names_of({*self.own_rights, *self.role_rights})

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Tell whether the user may do that: a page asks a hundred times, and reads it once."""
        if obj is not None or self.is_superuser or not self.is_active:
            return super().has_perm(perm, obj)
        return perm in self.permissions

    @property
    def is_staff(self) -> bool:
        """Tell whether the user may enter Django admin (the name Django and allauth ask for)."""
        return self.has_perm("accounts.access_admin")
