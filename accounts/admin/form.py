"""The form of a user in Django admin."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import time_zones
from accounts.models import User
from accounts.roles import Role

ONLY_ADMINISTRATOR = _(
    "This is the only active administrator. Make somebody else one first, so that someone can "
    "still manage accounts."
)


class UserForm(forms.ModelForm):
    """A user with a role. Passwords are set by their owners, through the reset."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), initial="UTC")

    class Meta:
        model = User
        fields = ("email", "name", "is_active", "time_zone", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        adding = self.instance._state.adding
        if adding:
            self.fields["time_zone"].choices = time_zones(self.instance.time_zone)
        self.held = None if adding else self.instance.role
        if not self.held:
            self.fields["role"].choices = [("", _("Choose a role")), *Role.choices]
        self.initial["role"] = self.held or ""

    def clean(self) -> dict[str, Any]:
        """Refuse to leave Annals without an administrator."""
        super().clean()
        cleaned = self.cleaned_data
        stays = cleaned.get("is_active") and cleaned.get("role") == Role.ADMINISTRATOR
        leaves = self.held == Role.ADMINISTRATOR and not stays
        if leaves and not User.objects.can_spare([self.instance.pk]):
            raise ValidationError(ONLY_ADMINISTRATOR)
        return cleaned
