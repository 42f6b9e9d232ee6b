"""What a kind of event is; activity.catalogue lists them."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class Kind:
    """One kind of event.

    `label` names it in menus; `title` names one event of it in the log, where the label does not.
    `group` is who mostly causes it: people, outreach, change or system.
    `words` says it in a list, where the label does not; it may use %(actor)s and %(fields)s. `tone`
    colours the icon ("ok", "warn", "bad", "info"). `on_row`: a living row shows it (a comment says
    that it was edited), so that the timeline gives it no line of its own. `living` is the model of
    the row whose present state its line shows. `right` is the permission for what its line offers,
    where it is not that row which decides. `private`: it is about the team or the deployment, and
    only those who hold `activity.view_activityevent` see it, in logs and exports. `example` is a
    payload that its template must be able to draw.
    """

    verb: str
    label: str | Promise
    icon: str
    group: str
    words: str | Promise = ""
    title: str | Promise = ""
    tone: str = ""
    on_row: bool = False
    living: Any = None
    right: str = ""
    private: bool = False
    example: dict[str, Any] = field(default_factory=dict)
