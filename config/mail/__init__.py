"""Mail without a mail server: kept in a folder, and read by administrators at /mail/."""
