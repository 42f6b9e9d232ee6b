"""Pages of Django admin that only show."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Takes adding, changing and deleting out of an admin page."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    has_change_permission = has_delete_permission = has_add_permission
