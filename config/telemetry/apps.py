from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class TelemetryConfig(AppConfig):
    """Begins to report, in each process that loads Annals, what the settings ask for."""

    name = "config.telemetry"

    def ready(self) -> None:
        """Load only what is asked for: its libraries may not be installed."""
        if settings.SENTRY_DSN:
            import_module("config.telemetry.errors").start()
        if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
            import_module("config.telemetry.traces").start()
