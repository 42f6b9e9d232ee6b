"""Actions of the administration on several rows: each by its verb, in a transaction of its own."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.models import Blocked, ContactGone
from contacts.models.blocking import TooMany


def act(request: HttpRequest, rows: QuerySet, verb: Callable[[Any], bool], done: Any) -> None:
    """Do something with each row, the oldest first; say with how many, and why not with others.

    `verb` takes a row's key, and returns False where there was nothing to do. `done` says with a
    number, in the form that `ngettext_lazy` makes, what was done.
    """
    acted = needless = 0
    obstacles: set[str] = set()
    for key in list(rows.order_by("pk").values_list("pk", flat=True)):
        try:
            if verb(key):
                acted += 1
            else:
                needless += 1
        except (Blocked, TooMany) as obstacle:
            obstacles.add(str(obstacle))
        except IntegrityError:
            obstacles.add(_("Another invitation to this address is open."))
        except (ContactGone, Http404):
            obstacles.add(_("The contact was deleted meanwhile."))
    if acted:
        messages.success(request, done % {"count": acted})
    if needless:
        text = ngettext(
            "With %(count)d of them there was nothing to do: it is in another state by now.",
            "With %(count)d of them there was nothing to do: they are in other states by now.",
            needless,
        )
        messages.warning(request, text % {"count": needless})
    for obstacle in sorted(obstacles):
        messages.error(request, obstacle)
