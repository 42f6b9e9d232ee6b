"""Roles in Django admin: to be read."""

from typing import Any

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from allauth.socialaccount.admin import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

# Roles are the groups that accounts.roles makes; an address is what the user's row says it is; a
# passkey is added and removed by its owner alone. Services that sign people in come from the
# environment, with their secrets; who is added to one by hand could sign in as somebody else, and
# no event would tell of it.
for model in (Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(model)


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """Shows what each role may do; that is decided in accounts.roles."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    has_change_permission = has_delete_permission = has_add_permission
