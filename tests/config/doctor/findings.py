"""What a check of the doctor finds, in words."""

from collections.abc import Callable

SITE = "https://annals.example.org"


def said(check: Callable) -> str:
    """Return all that a check finds, each with its level."""
    found = [f"{finding.level.name} {finding.text} {finding.to_do}" for finding in check()]
    return "\n".join(found)
