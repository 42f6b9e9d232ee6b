"""Folders and files: who may read them, whether they can be written, and how much room is left."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.utils.translation import gettext as _

from activity.ledger.keys import key_file
from activity.ledger.refusal import CannotSeal
from config.doctor.finding import Finding, error, warning

LITTLE, LEAST = 5 << 30, 1 << 30  # bytes free


def secrets() -> Iterator[Finding]:
    """Are keys readable for their owner alone?"""
    files = [Path(settings.ANNALS_VAR) / "secret_key"]
    try:
        if file := key_file():
            files.append(file)
    except CannotSeal:
        pass
    for file in files:
        if file.exists() and file.stat().st_mode & 0o077:
            yield error(
                _("Others on this machine may read the key in %(file)s.") % {"file": file},
                _("Run: chmod 600 %(file)s. If others could sign in here, replace the key.")
                % {"file": file},
            )


def ledger_key() -> Iterator[Finding]:
    """Is the key of the log where it should be? Only the worker needs one."""
    try:
        file = key_file()
    except CannotSeal:
        return
    if file and file != Path(settings.ANNALS_VAR) / "ledger.key" and not os.access(file, os.R_OK):
        yield error(
            _("The key of the log cannot be read from %(file)s.") % {"file": file},
            _("Put the file back, or name another one with ANNALS_LEDGER_KEY."),
        )


def var() -> Iterator[Finding]:
    """Is ANNALS_VAR ours alone?"""
    folder = Path(settings.ANNALS_VAR)
    if not os.access(folder, os.W_OK | os.X_OK):
        yield error(
            _("Annals may not write to %(folder)s.") % {"folder": folder},
            _("Let it belong to the user that Annals runs as, or name another with ANNALS_VAR."),
        )
    elif folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH | stat.S_IROTH):
        yield warning(
            _("Others on this machine may look into %(folder)s, or change what is in it.")
            % {"folder": folder},
            _("Run: chmod go-rw %(folder)s") % {"folder": folder},
        )


def anchors() -> Iterator[Finding]:
    """Can checkpoints and notes of erasures be kept where the database cannot reach them?"""
    storage = storages["anchors"]
    if not isinstance(storage, FileSystemStorage):
        return
    folder = Path(storage.location)
    place = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        yield error(
            _("Checkpoints cannot be kept: Annals may not write to %(folder)s.")
            % {"folder": folder},
            _(
                "Let it belong to the user that Annals runs as, or name another folder with "
                "LEDGER_ANCHOR_FOLDER. Until then nothing is sealed."
            ),
        )


def disks() -> Iterator[Finding]:
    """Is there room for what comes?"""
    folders = [Path(settings.ANNALS_VAR)]
    if isinstance(storage := storages["anchors"], FileSystemStorage):
        folders.append(Path(storage.location))
    seen = set()
    for folder in folders:
        place = next(each for each in (folder, *folder.parents) if each.exists())
        if (disk := place.stat().st_dev) in seen:
            continue
        seen.add(disk)
        free = shutil.disk_usage(place).free
        if free < LITTLE:
            make = error if free < LEAST else warning
            yield make(
                _("The disk of %(folder)s has %(free)s MB free.")
                % {"folder": folder, "free": f"{free >> 20:,}"},
                _("Free some space, or move the folder: a full disk stops everything."),
            )


CHECKS = (secrets, ledger_key, var, anchors, disks)
