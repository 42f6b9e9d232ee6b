"""Django admin of users and roles."""

from accounts.admin.details import show_of_users
from accounts.admin.roles import RoleAdmin
from accounts.admin.users import UserAdmin

__all__ = ["RoleAdmin", "UserAdmin", "show_of_users"]
