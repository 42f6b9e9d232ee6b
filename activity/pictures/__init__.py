"""Pictures that the server draws: how much happened when, as bars, each with a table beside it."""
