"""Form fields for what a contact has: lines, repeated values, tags.

A value that the contact already has is never refused: it may have come from an import.
"""

from collections.abc import Callable, Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from contacts.values import international, read_line, read_tags


class LineField(forms.CharField):
    """One line of text, kept as `read` returns it. `known` is the value the contact has."""

    def __init__(self, *, read: Callable[[str], str] = read_line, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.read = read
        self.known = ""

    def to_python(self, value: Any) -> str:
        """Return the text as it is kept."""
        text = super().to_python(value)
        return text if text == self.known else self.read(text)


class TextField(forms.CharField):
    """Several lines of text, whose ends are kept as one character."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        """Return the text without the carriage returns that browsers send."""
        return super().to_python(value).replace("\r\n", "\n").strip()


class RepeatedHiddenInput(forms.MultipleHiddenInput):
    """All values as hidden inputs; an empty one says that there are none."""

    def format_value(self, value: Any) -> list[str]:
        """Return the values, or an empty one."""
        return value or [""]


class RepeatedInput(forms.Widget):
    """An input for each value and an empty one, all of one name, and a choice of the primary."""

    template_name = "contacts/_repeated_input.html"
    use_fieldset = True
    input_type = "text"
    label: Any = ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return all values, the one chosen as primary first."""
        values = data.getlist(name)
        places = [str(place) for place in range(len(values))]
        if (primary := data.get(f"{name}_primary")) in places:
            values.insert(0, values.pop(places.index(primary)))
        return values

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Tell whether the form was sent without any such input."""
        return name not in data

    def format_value(self, value: Any) -> list[str]:
        """Return the values to show, and an empty one last."""
        return [*filter(None, map(read_line, value or [])), ""]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Give the template the values; `refused` are those that could not be read."""
        context = super().get_context(name, value, attrs)
        context["widget"] |= {
            "type": self.input_type,
            "label": self.label,
            "values": context["widget"]["value"],
            "refused": getattr(self, "refused", ()),
        }
        return context

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        """Return the id of the first input."""
        return f"{id_}_0" if id_ else id_


class RepeatedField(forms.Field):
    """Several values of a kind, each once, kept as `read` returns them; the first is primary."""

    hidden_widget = RepeatedHiddenInput
    widget = RepeatedInput

    def __init__(self, *, read: Callable[[str], str], input_type: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.read = read
        self.widget.input_type = input_type
        self.widget.label = self.label
        self.known: Collection[str] = ()

    def clean(self, value: list[str]) -> list[str]:
        """Return the values as they are kept. Raises ValidationError for all that can't be read."""
        known = {shown: kept for kept in self.known for shown in (kept, self.shown(kept))}
        kept: dict[str, None] = {}
        errors, refused = [], []
        for typed in filter(None, map(read_line, value)):
            try:
                kept[known.get(typed) or self.read(typed)] = None
            except ValidationError as error:
                errors.append(error)
                refused.append(typed)
        if errors:
            self.widget.refused = refused
            raise ValidationError(errors)
        return list(kept)

    def shown(self, kept: str) -> str:
        """Return a kept value as people read it."""
        return kept

    def prepare_value(self, value: Any) -> Any:
        """Return the values as people read them."""
        return [self.shown(each) for each in value or []]


class PhonesField(RepeatedField):
    """Phone numbers, shown in international form."""

    def shown(self, kept: str) -> str:
        """Return the number in international form."""
        return international(kept)


class TagsInput(forms.Widget):
    """A ticked box for each tag, and an input for new ones, which commas part; all of one name."""

    template_name = "contacts/_tags_input.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return what was ticked and typed."""
        return data.getlist(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Tell whether the form was sent without any such input."""
        return name not in data

    def format_value(self, value: Any) -> list[str]:
        """Return each tag, also where several were typed into one input."""
        return [tag for tag in map(read_line, ",".join(value or []).split(",")) if tag]


class TagsField(forms.Field):
    """Tags, spelled as they were first used."""

    hidden_widget = RepeatedHiddenInput
    widget = TagsInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known: Collection[str] = ()

    def clean(self, value: list[str]) -> list[str]:
        """Return the tags, each once."""
        return value if set(value) <= set(self.known) else read_tags(value)
