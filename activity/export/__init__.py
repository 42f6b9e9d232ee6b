"""The log written out as files: one way of writing for the page, the worker and the command."""
