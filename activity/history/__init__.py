"""A contact's complete record: every event, every field version, and what it was at any moment."""
