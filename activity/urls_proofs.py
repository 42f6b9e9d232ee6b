"""Addresses of what proves the log."""

from django.urls import path

from activity.views import proofs

urlpatterns = [
    path(".well-known/ledger-checkpoint", proofs.checkpoint, name="ledger_checkpoint"),
    path("activity/<uuid:uid>/proof", proofs.event_proof, name="event_proof"),
]
