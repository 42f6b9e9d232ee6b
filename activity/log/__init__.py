"""The activity log: what happened to all contacts and in the team, as its readers see it."""

from activity.log.filters import LogFilters

__all__ = ["LogFilters"]
