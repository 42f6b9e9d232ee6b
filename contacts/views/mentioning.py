"""Whom a comment may mention: what the list under the text field shows."""

from collections import Counter

from django.contrib.auth.decorators import permission_required
from django.db.models import Func, TextField, Value
from django.db.models.functions import Concat, StrIndex
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from contacts.markdown import small
from contacts.models.mention import label_of, people

SHOWN = 8
LONGEST = 100  # characters typed after the mark


@require_GET
@permission_required("contacts.add_comment", raise_exception=True)
def mentionable(request: HttpRequest) -> HttpResponse:
    """Answer with the first people who see contacts and of whom a name begins with `q`."""
    typed = request.GET.get("q", "").replace("\x00", "")[:LONGEST]
    # A space before each word, so that what was typed is found only where one begins.
    names = Concat(Value(" "), "name", Value(" "), "email", output_field=TextField())
    folded = Func(names, function="annals_fold", output_field=TextField())
    wanted = Func(Value(f" {typed}"), function="annals_fold", output_field=TextField())
    everyone = people().exclude(pk=request.user.pk)
    found = list(everyone.annotate(place=StrIndex(folded, wanted)).filter(place__gt=0)[:SHOWN])
    called = Counter(small(name) for name in people().values_list("name", flat=True))
    for person in found:
        person.label = label_of(person, called)
    return render(request, "contacts/_people.html", {"people": found})
