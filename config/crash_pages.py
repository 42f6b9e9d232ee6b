"""What pages and mails about a crash leave out, with DEBUG as well."""

import re
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

# Addresses of servers hold passwords; Django's own list has none of them.
ALSO = "URL|DSN|LOCATION|COOKIE|SESSION|CREDENTIAL|FORWARDED"


class ReporterFilter(SafeExceptionReporterFilter):
    """Django's own, which also keeps addresses of servers and all cookies to itself.

    It is active with DEBUG, too: somebody may look over the shoulder, or a screenshot be sent on.
    """

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|{ALSO}", re.IGNORECASE
    )

    def is_active(self, request: HttpRequest | None) -> bool:
        """Return True: DEBUG is no reason to show what nobody should see."""
        return True

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        """Return the names of cookies, with nothing of what they hold."""
        return dict.fromkeys(getattr(request, "COOKIES", {}), self.cleansed_substitute)

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return what was posted, but for passwords, tokens and the like."""
        posted = super().get_post_parameters(request)
        return {name: self.cleanse_setting(name, value) for name, value in posted.items()}

    def get_traceback_frame_variables(self, request: HttpRequest, tb_frame: Any) -> Any:
        """Return no variables: any could hold what was typed, a key, or a part of one."""
        return []
