"""By what the list of users can be narrowed."""

from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role

MONTH = timedelta(days=30)
NONE = "none"


class RoleFilter(admin.SimpleListFilter):
    """Who has a role; portal accounts have none."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer each role, and none."""
        return [*Role.choices, (NONE, _("None: portal accounts"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Narrow the list."""
        if self.value() in Role.values:
            return queryset.filter(groups__name=self.value())
        return queryset.filter(groups=None) if self.value() == NONE else queryset


class FactorFilter(admin.SimpleListFilter):
    """Who has which second factor."""

    title = _("second factor")
    parameter_name = "factor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer each kind, and none."""
        return [
            (Authenticator.Type.TOTP, _("Authenticator app")),
            (Authenticator.Type.WEBAUTHN, _("Passkey")),
            (NONE, _("None")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Narrow the list."""
        holding = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
        if self.value() == NONE:
            return queryset.exclude(pk__in=holding.values("user"))
        if self.value() in Authenticator.Type.values:
            return queryset.filter(pk__in=holding.filter(type=self.value()).values("user"))
        return queryset


class LastSignInFilter(admin.SimpleListFilter):
    """Who has signed in lately: whoever has not for long may not need the account any more."""

    title = _("last sign-in")
    parameter_name = "signed_in"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer lately, long ago, and never."""
        return [
            ("lately", _("Within 30 days")),
            ("before", _("Longer ago")),
            (NONE, _("Never")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Narrow the list."""
        since = timezone.now() - MONTH
        asked: dict[str, Any] = {
            "lately": {"last_login__gte": since},
            "before": {"last_login__lt": since},
            NONE: {"last_login": None},
        }
        return queryset.filter(**asked.get(self.value() or "", {}))
