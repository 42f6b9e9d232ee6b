"""Brings a backup back into an empty database, and into order."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.utils.dateparse import parse_datetime

from activity import erasure_notes
from activity.ledger.refusal import CannotSeal, Refused
from activity.ledger.sealing import seal_pending
from activity.ledger.verification.run import Verification
from activity.recording import Draft, write
from config.backup import held, keys, unfinished
from config.backup.archive import DUMP, Reader
from config.backup.filling import fill
from config.backup.manifest import Manifest, applied
from config.backup.problem import Problem

TOLD = 10  # findings
_OTHERS = """
SELECT count(*) FROM pg_class JOIN pg_namespace AS schema ON schema.oid = relnamespace
WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND relname NOT LIKE %s
AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%%'
"""
_MAY_MAKE = "SELECT has_schema_privilege(current_schema(), 'CREATE'), current_user"


@dataclass
class Restored:
    """What came of it: sentences that are good to know, and those that leave something to do."""

    told: list[str] = field(default_factory=list)
    to_do: list[str] = field(default_factory=list)


class Restore:
    """One restore; `progress` is told, as sentences, how far it is.

    It can be run again after it was interrupted, and goes on where it stopped.
    """

    def __init__(self, file: Path, progress: Callable[[str], None]) -> None:
        """Look at the archive. Raises Problem."""
        self._progress = progress
        self._archive = Reader(file)
        self.manifest: Manifest = self._archive.manifest
        self.outcome = Restored()
        self._is_refused = False

    def run(self, keys_file: Path | None, *, moved: bool) -> Restored:
        """Do it all. Raises Problem, OSError and DatabaseError: then it is not done.

        `moved` says that the installation it is of did nothing more since: mails that wait may
        leave.
        """
        self._require_fit()
        began_before = unfinished.found()
        is_filled = self._require_empty(began_before)
        self._progress("Checking the archive ...")
        self._archive.verify()
        if keys_file:
            self.outcome.to_do += keys.put_back(keys_file)
        elif keys.fingerprint() != self.manifest.fingerprint:
            self.outcome.to_do.append(
                "SECRET_KEY is another one than when the backup was made: everybody signs in "
                "again, and receipts of deletions no longer tell whose address they are of. Give "
                "the file of keys with --keys, or set SECRET_KEY, to have it as it was."
            )
        unfinished.begin(self._archive.sum)
        self._put_files_back()
        if not is_filled:
            self._progress(f"Database: {self.manifest.database_bytes >> 20:,} MB ...")
            with self._archive.member(DUMP) as dump:
                fill(dump, self.manifest.major)
        self._bring_up_to_date(moved=moved)
        self._erase_again()
        self._note_and_seal()
        self._verify()
        unfinished.end()
        return self.outcome

    def _require_fit(self) -> None:
        """Raise Problem where this Annals, this PostgreSQL or this disk cannot take it."""
        made = f"This backup was made by Annals {self.manifest.annals}"
        if newer := self.manifest.unknown():
            raise Problem(
                f"{made}, which is newer than this one: it has {len(newer)} migrations that are "
                f"unknown here, as {newer[0]}. Restore it with that version, or a later one."
            )
        if connection.pg_version // 10_000 < self.manifest.major:
            raise Problem(
                f"{made} from PostgreSQL {self.manifest.major}, and this is PostgreSQL "
                f"{connection.pg_version // 10_000}: restore it into one at least as new."
            )
        folder = Path(settings.ANNALS_VAR)
        needed = self.manifest.file_bytes
        if not os.environ.get("DATABASE_URL"):
            needed += self.manifest.database_bytes
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise Problem(
                f"The disk of {folder} has {free >> 20:,} MB free, and the backup takes "
                f"{needed >> 20:,} MB: free some space, or name another folder with ANNALS_VAR."
            )

    def _require_empty(self, began_before: str) -> bool:
        """Raise Problem where something else is in the database; return whether it is filled."""
        with connection.cursor() as cursor:
            cursor.execute(_OTHERS, [unfinished.TABLE + "%"])
            [others] = cursor.fetchone()
            cursor.execute(_MAY_MAKE)
            may_make, user = cursor.fetchone()
        if began_before not in ("", self._archive.sum):
            raise Problem(
                "The restore of another backup stopped here: name that one, or drop this database."
            )
        if others and not began_before:
            raise Problem(
                f"The database is not empty, it has {others} tables and sequences. A backup is "
                "restored into an empty one only: make it, as with createdb, and name it in "
                "DATABASE_URL; where PostgreSQL comes along, name a new folder with ANNALS_VAR."
            )
        if not may_make:
            raise Problem(
                f"{user} may not make tables in this database: name its owner in DATABASE_URL."
            )
        return bool(others)

    def _put_files_back(self) -> None:
        self._progress(f"Files: {self.manifest.counts['files']:,} ...")
        for name, content in self._archive.files():
            if default_storage.exists(name):
                default_storage.delete(name)  # of a restore that was interrupted in its midst
            saved = default_storage.save(name, content)
            if saved != name:
                raise Problem(f"The storage of files keeps {name} as {saved}.")

    def _bring_up_to_date(self, *, moved: bool) -> None:
        self._progress("Migrations ...")
        call_command("migrate", interactive=False, verbosity=0)
        if applied() != self.manifest.migrations:
            self.outcome.told.append("It was of an earlier version, and is up to date now.")
        held.make_exports_again()
        if not moved:
            waiting = held.hold()
            if waiting.mails or waiting.runs:
                self.outcome.to_do.append(
                    f"Mails that waited when the backup was made, and may have left since: "
                    f"{waiting.mails:,}; decide about each on the overview. Bulk actions that were "
                    f"sending, and are stopped: {waiting.runs:,}; start them anew for whom is left."
                )

    def _erase_again(self) -> None:
        """Delete again whom the backup has brought back."""
        self._progress("Erasures ...")
        try:
            noted = erasure_notes.noted()
            back: list[UUID] = list(erasure_notes.back(noted))
            for contact_id in back:
                erasure_notes.erase_again(contact_id, noted[contact_id])
            erasure_notes.keep_missing()
        except (OSError, ValueError, KeyError, DatabaseError) as error:
            self.outcome.to_do.append(
                f"Who was deleted since could not be deleted again ({error}). Before anybody works "
                "with it: manage.py replay_erasures."
            )
            return
        self.outcome.told.append(f"{len(noted)} erasures noted outside, {len(back)} made again.")
        if not noted:
            self.outcome.told.append(
                "Where contacts were deleted since the backup, their notes are in the folder "
                "LEDGER_ANCHOR_FOLDER of then: bring it here, then run manage.py replay_erasures."
            )

    def _note_and_seal(self) -> None:
        self._progress("Sealing ...")
        payload = {
            "made_at": self.manifest.made_at,
            "events": self.manifest.counts["events"],
            "sha256": self._archive.sum,
        }
        write([Draft("backup.restored", "backup", None, None, payload)])
        try:
            seal_pending(wait=True)
        except Refused as refused:
            self._is_refused = True
            for finding in refused.findings:
                self.outcome.to_do.append(f"The log is not sealed. Expected {finding['expected']}.")
        except CannotSeal as problem:
            self.outcome.to_do.append(str(problem))

    def _verify(self) -> None:
        self._progress("Verifying ...")
        verification = Verification(processes=os.cpu_count() or 1)
        for finding in verification.run():
            if finding.is_notice:
                self.outcome.told.append(f"Note: {finding.expected}.")
            elif finding.kind == "unsealed" and self._is_refused:
                continue  # what to do about that is told
            elif verification.found <= TOLD:
                self.outcome.to_do.append(f"The log is not what it should be: {finding}")
        verification.keep()
        if verification.found > TOLD:
            more = verification.found - TOLD
            self.outcome.to_do.append(
                f"Findings beside these: {more:,}, see manage.py verify_ledger."
            )
        made = parse_datetime(self.manifest.made_at)
        self.outcome.told.insert(
            0,
            f"Restored as of {made:%Y-%m-%d %H:%M} UTC: {self.manifest.counts['contacts']:,} "
            f"contacts, {self.manifest.counts['events']:,} events, "
            f"{self.manifest.counts['files']:,} files. Sealed events: {verification.size:,}; "
            f"findings: {verification.found:,}.",
        )
