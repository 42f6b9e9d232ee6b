"""Forms and queries that a program makes up say what is wrong, or give what can be kept."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from activity.filters import Filters
from activity.history import record
from activity.history.filters import RecordFilters
from activity.log.filters import LogFilters
from activity.log.paging import LogPage
from activity.models import ActivityEvent
from contacts.filtering import ContactFilter
from contacts.forms.acting import CommentForm, ReasonForm
from contacts.forms.contact import ContactForm
from contacts.forms.inviting import InvitationForm
from contacts.forms.messaging import MessageForm
from contacts.forms.sharing import ShareForm
from contacts.forms.viewing import SavedViewForm
from contacts.models import Contact, SavedView
from tests.builders import make_contact, make_user
from tests.security.fuzzing.examples import fuzzed, texts

pytestmark = pytest.mark.django_db
queries = st.dictionaries(
    st.sampled_from(
        ["q", "tag", "owner", "sort", "status", "kind", "group", "actor", "from", "to", "source"]
    ),
    texts.map(lambda text: text.encode("utf-8", "replace").decode()),
)


def test_whatever_is_asked_for_is_a_query() -> None:
    ada, amara = make_user(name="Ada"), make_contact()

    @fuzzed
    @given(queries)
    def tried(asked: dict[str, str]) -> None:
        query = QueryDict(urlencode(asked))
        list(ContactFilter.of(query, ()).contacts()[:1])
        list(Filters.read(query).apply(ActivityEvent.objects.of(amara.pk))[:1])
        list(record.wanted(amara, RecordFilters.asked(query, ada))[:1])
        LogPage.read(LogFilters.read(query, ada), before=None, after=None)

    tried()


forms_data = st.dictionaries(
    st.sampled_from(
        [
            *("given_name", "family_name", "organisation", "email", "phone", "website", "tag"),
            *("tags", "notes", "owner", "version", "id", "body", "subject", "reply", "edit"),
            *("address", "to", "note", "fields", "link_days", "with_card", "files", "role", "name"),
            *("reason", "shared", "previewed", "save_email", "emails", "phones", "country"),
        ]
    ),
    st.lists(texts, max_size=3),
    max_size=12,
)


def test_every_form_says_what_is_wrong_or_gives_what_can_be_kept() -> None:
    mia, amara = make_user(name="Mia"), make_contact(emails=["amara@calder.example"])

    @fuzzed
    @given(forms_data)
    def tried(typed: dict[str, list[str]]) -> None:
        data: Any = QueryDict(mutable=True)
        for name, values in typed.items():
            data.setlist(name, values)
        for form in (
            ContactForm(data, instance=Contact()),
            CommentForm(data),
            ReasonForm(data),
            MessageForm(data, contact=amara),
            InvitationForm(data),
            ShareForm(data, contact=amara),
            SavedViewForm(data, instance=SavedView(owner=mia), user=mia),
        ):
            if form.is_valid():
                assert "\x00" not in repr(form.cleaned_data).replace("\\\\", "")
                assert "\\x00" not in repr(form.cleaned_data)
            else:
                assert str(form.errors)

    tried()
