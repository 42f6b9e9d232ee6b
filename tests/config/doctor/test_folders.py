"""The doctor names folders, keys and disks that are not as they should be."""

import os
from pathlib import Path
from typing import Any

import pytest

from config.doctor import folders
from tests.config.doctor.findings import said


def test_folders_and_keys_that_others_can_read_are_named(tmp_path: Path, settings: Any) -> None:
    settings.ANNALS_VAR = tmp_path
    (tmp_path / "secret_key").write_text("known")
    (tmp_path / "secret_key").chmod(0o644)
    tmp_path.chmod(0o777)
    assert "ERROR Others on this machine may read the key" in said(folders.secrets)
    assert "WARNING Others on this machine may look into" in said(folders.var)
    settings.ANNALS_LEDGER_KEY = "/no/such/file"
    assert "ERROR The key of the log cannot be read" in said(folders.ledger_key)


def test_a_folder_that_cannot_be_written_and_a_full_disk_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    assert "ERROR Annals may not write to" in said(folders.var)
    assert "ERROR Checkpoints cannot be kept" in said(folders.anchors)
    monkeypatch.setattr(folders, "LITTLE", 1 << 60)
    assert "WARNING The disk of" in said(folders.disks)
    monkeypatch.setattr(folders, "LEAST", 1 << 60)
    assert "ERROR The disk of" in said(folders.disks)
