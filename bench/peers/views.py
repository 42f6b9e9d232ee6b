"""What a page and a POST cost at least, for somebody who is signed in."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bench.peers.models import Contact, Entry

ROWS = 50


@login_required
def bare(request: HttpRequest) -> HttpResponse:
    """Greet the user: session, user, template, and nothing else."""
    return render(request, "peers/bare.html")


@login_required
@require_POST
def save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change two fields of a contact."""
    contact = Contact.objects.get(pk=pk)
    contact.job_title, contact.city = request.POST["job_title"], request.POST["city"]
    contact.save()
    return redirect("/bare/")


@login_required
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the newest entries about a contact, from a plain table."""
    entries = Entry.objects.filter(contact=pk).order_by("-id")[:ROWS]
    context = {"contact": Contact.objects.get(pk=pk), "entries": entries}
    return render(request, "peers/record.html", context)
