"""Backups: all of an installation in one file, and back into an empty database.

The file is a tar archive. It is written in one go, read in one go, needs no room beside itself and
the memory of no list, and any `tar` opens it:

- `database.dump`: what pg_dump writes in its custom format, of one moment,
- `files/...`: uploads, by their names in the storage, as the database names them at that moment,
- `SHA256SUMS`: a line for each of these, as `sha256sum --check` reads it,
- `manifest.json`: what it is of, and the SHA-256 of SHA256SUMS. It comes last: where it is missing,
  the archive is not whole.

Keys are never in it. What must not be restored with the database, checkpoints and notes of
erasures (STORAGES["anchors"]), is not either; nor are exports, which are made again.
"""
