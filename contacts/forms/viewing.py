"""The form that gives a view of the list a name."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from contacts.models import SavedView
from contacts.models.saved_view import SHARE, VIEWS_MAX
from contacts.values import read_line

TAKEN = _("You have a view of that name. Choose another one.")


class SavedViewForm(forms.ModelForm):
    """What a view is called, and whether the team sees it: for who may share views."""

    class Meta:
        model = SavedView
        fields = ("name", "shared")
        labels = {"shared": _("Share with the team")}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.has_perm(SHARE):
            del self.fields["shared"]
        self.fields["name"].widget.attrs |= {"autocomplete": "off"}

    def clean_name(self) -> str:
        """Return the name on one line; refuse one that the owner uses already."""
        name = read_line(self.cleaned_data["name"])
        if not name:
            raise ValidationError(_("Give the view a name."))
        if self._others().filter(name__iexact=name).exists():
            raise ValidationError(TAKEN)
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse a view too many."""
        if self.instance._state.adding and self._others().count() >= VIEWS_MAX:
            raise ValidationError(
                _("You have %(count)d views. Delete one that you no longer need."),
                params={"count": VIEWS_MAX},
            )
        return super().clean()

    def kept(self) -> bool:
        """Save the view; tell whether that was possible, and say on the form why not."""
        if not self.is_valid():
            return False
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError:  # it was named so in another tab meanwhile
            self.add_error("name", TAKEN)
            return False
        return True

    def _others(self) -> Any:
        return SavedView.objects.filter(owner=self.instance.owner_id).exclude(pk=self.instance.pk)
