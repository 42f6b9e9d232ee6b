"""What stands in the list of contacts."""

import re
from typing import Any


def names(response: Any) -> list[str]:
    """Return the names in the order in which the page lists them."""
    return re.findall(r'<a href="/contacts/[^"]+/"><bdi>(.*?)</bdi>', response.content.decode())
