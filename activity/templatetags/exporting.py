"""`{% load exporting %}`: the menu from which the log is exported as it is filtered."""

from django import template
from django.template.context import RequestContext
from uuid_utils.compat import uuid7

from activity.export.asking import PASSED_ON
from activity.models import ActivityExport

register = template.Library()


@register.inclusion_tag("activity/export/_menu.html", takes_context=True)
def export_menu(context: RequestContext) -> dict:
    """Draw a button that exports what the page's address asks for, to those who may."""
    query = context["request"].GET
    passed = [(name, value) for name in PASSED_ON for value in query.getlist(name) if value]
    return {
        **context.flatten(),
        "passed": passed,
        "export_id": uuid7(),
        "formats": ActivityExport.Format,
    }
