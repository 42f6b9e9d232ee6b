"""What somebody is told, and how: the page, and the mail about what was not read there."""
