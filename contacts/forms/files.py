"""The choice of files in a form, and what is refused of them."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from contacts.models.stored_file import printable
from contacts.scanning import Infected, ScannerAway, scan


class FilesInput(forms.FileInput):
    """A choice of several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files within the limits of the settings, that the scanner found nothing in, as a list.

    `carried_by` is "MESSAGE" or "COMMENT", with which the names of the limits begin.
    """

    widget = FilesInput
    default_error_messages = {"empty": _("One of these files is empty.")}

    def __init__(self, carried_by: str, **kwargs: Any) -> None:
        super().__init__(label=_("Files"), required=False, **kwargs)
        self.carried_by = carried_by

    @property
    def largest(self) -> int:
        """Return how large one file can be, in bytes."""
        return self._limit("FILE_BYTES")

    @property
    def too_large_sentence(self) -> str:
        """Return what is said of a file that is too large, with a place for its {name}."""
        return _t("“%(name)s” is too large: a file can have %(limit)s.") % {
            "name": "{name}",
            "limit": filesizeformat(self.largest),
        }

    @property
    def leave_out_sentence(self) -> str:
        """Return what the button says that leaves out a file, with a place for its {name}."""
        return _t("Leave out %(name)s") % {"name": "{name}"}

    def clean(self, data: list[UploadedFile], initial: Any = None) -> list[UploadedFile]:
        """Return the files; raise ValidationError where one can't be kept, or all together."""
        files = [super(FilesField, self).clean(each) for each in data or ()]
        if len(files) > self._limit("FILES"):
            raise ValidationError(
                _t("%(count)d files are too many; at most %(limit)d can go together.")
                % {"count": len(files), "limit": self._limit("FILES")}
            )
        for each in files:
            if each.size > self.largest:
                raise ValidationError(self.too_large_sentence.format(name=printable(each.name)))
        total = sum(each.size for each in files)
        if total > self._limit("BYTES"):
            raise self.too_large(total)
        for each in files:
            _require_harmless(each)
        return files

    def too_large(self, total: int) -> ValidationError:
        """Return the error of files that have so many bytes together."""
        return ValidationError(
            _t("These files have %(size)s together; all of them can have %(limit)s.")
            % {
                "size": filesizeformat(total),
                "limit": filesizeformat(self._limit("BYTES")),
            }
        )

    def _limit(self, what: str) -> int:
        return getattr(settings, f"{self.carried_by}_MAX_{what}")


def wrong_with(form: forms.Form, request: HttpRequest) -> int:
    """Check a form that files may come with; return the status to refuse it with, 0 if it is valid.

    It is 413 where contacts.importing.upload let the files go, as they were too large together.
    """
    sent = request.META.get("upload_too_large")
    if sent:
        form.add_error("attachments", form.fields["attachments"].too_large(sent))
        return 413
    return 0 if form.is_valid() else 422


def _require_harmless(upload: UploadedFile) -> None:
    name = printable(upload.name)
    try:
        scan(upload)
    except Infected as infected:
        raise ValidationError(
            _t("“%(name)s” can’t be kept. The virus scanner says: %(reason)s")
            % {"name": name, "reason": infected}
        ) from None
    except ScannerAway:
        raise ValidationError(
            _t("“%(name)s” can’t be checked for viruses now. Try again in a minute.")
            % {"name": name}
        ) from None
