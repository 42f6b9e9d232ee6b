"""The Celery application: `celery -A config.celery worker` and `beat`."""

import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("annals")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.imports = ("config.health",)  # notes that the worker lives
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_logging(**kwargs: Any) -> None:
    """Leave logging as Django's LOGGING has set it up: being heard is all Celery asks."""
