"""Reading files of contacts: what is in them, where it goes, what it becomes. No database here."""
