"""How any form of the application is drawn, with nothing said about it in the form."""

import re

import pytest
from django import forms


class Invitation(forms.Form):
    """One field of each sort."""

    email = forms.EmailField(label="Email", help_text="Where the link goes to.")
    role = forms.ChoiceField(choices=[("viewer", "Viewer")])
    channel = forms.ChoiceField(choices=[("mail", "Mail")], widget=forms.RadioSelect)
    note = forms.CharField(widget=forms.Textarea, required=False)
    agreed = forms.BooleanField(label="I agree")
    name = forms.CharField(widget=forms.TextInput(attrs={"class": "input lg"}))
    token = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> None:
        """Find something wrong with it as a whole."""
        raise forms.ValidationError("Ask an administrator.")


def drawn(name: str, **data: str) -> str:
    """Return the HTML of a field of a form that was sent with that data, or not sent yet."""
    return str(Invitation(data or None)[name].as_field_group())


def test_a_field_has_a_label_a_hint_and_what_is_wrong_with_it() -> None:
    html = drawn("email", email="marta.kowal@")
    assert '<label for="id_email">Email</label>' in html
    assert 'aria-invalid="true"' in html
    described = re.search(r'aria-describedby="([^"]+)"', html)[1].split()
    assert [re.search(f'id="{name}"[^>]*>(.*?)</div>', html, re.S)[1] for name in described]
    assert "Where the link goes to." in html
    assert "Enter a valid email address." in html


def test_a_field_without_a_mistake_mentions_none() -> None:
    html = drawn("email")
    assert 'aria-describedby="id_email_helptext"' in html
    assert "aria-invalid" not in html
    assert "id_email_error" not in html


@pytest.mark.parametrize(
    ("name", "look"),
    [
        ("email", 'type="email" name="email" class="input"'),
        ("role", '<select name="role" class="select"'),
        ("note", '<textarea name="note" class="textarea"'),
        ("agreed", 'type="checkbox" name="agreed" class="check"'),
        ("channel", 'type="radio" name="channel" value="mail" class="check"'),
        ("name", 'name="name" class="input lg"'),
    ],
)
def test_a_control_looks_as_its_sort_does(name: str, look: str) -> None:
    assert look in drawn(name)


def test_a_choice_of_buttons_is_a_group_with_a_name() -> None:
    html = drawn("channel", email="x")
    assert html.startswith('<fieldset class="field" aria-describedby="id_channel_error">')
    assert "<legend" in html


def test_a_box_to_tick_is_part_of_its_label() -> None:
    assert re.search(r"<label[^>]*><input[^>]*>I agree</label>", drawn("agreed"))


def test_a_hidden_field_has_no_label() -> None:
    assert drawn("token").startswith('<input type="hidden"')


def test_a_whole_form_says_first_what_is_wrong_with_it() -> None:
    html = str(Invitation({"email": "marta@example.org"}))
    assert html.index("Ask an administrator.") < html.index('<label for="id_email">')
    assert 'role="alert"' in html
    assert 'type="hidden" name="token"' in html
