"""What open pages learn of what others do: from the commit over Redis to a stream of each page."""
