"""Trying a mail once more."""

from django.utils import timezone

from contacts.mail import deliver
from contacts.models import Delivery


def again(delivery: Delivery) -> None:
    """Let the pause after a failed attempt be over, and try."""
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    deliver(delivery.pk)
