"""Pages of Django admin over tables that may be too large to count."""

from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.functional import cached_property


class FirstRows(Paginator):
    """Leads through the first rows only: counting all of them would take longer than a page."""

    LIMIT = 10_000

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, at most LIMIT."""
        return self.object_list.order_by()[: self.LIMIT].count()


class LongList:
    """For a ModelAdmin whose list asks for nothing that reads all rows: no counts, no sorting."""

    paginator = FirstRows
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
