"""The team's first page: what happened today, and what waits for somebody."""
