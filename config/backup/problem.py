"""What keeps a backup from being made or restored."""


class Problem(Exception):
    """It cannot be done; the text is a sentence that says why and what to do."""
