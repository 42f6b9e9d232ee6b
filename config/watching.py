"""The settings of what watches Annals from outside: metrics, error reports and traces."""

from typing import Any

from environ import Env


def watching_settings(env: Env) -> dict[str, Any]:
    """Return the settings named below, from the environment.

    METRICS_TOKEN: the secret with which Prometheus reads /metrics (Authorization: Bearer); without
    it nothing is counted, and there is no such address.
    SENTRY_DSN: where errors are reported to, as Sentry names it; needs the extra "sentry".
    OTEL_EXPORTER_OTLP_ENDPOINT: where traces are sent to (OTLP over HTTP), without /v1/traces;
    needs the extra "telemetry".
    """
    names = ("METRICS_TOKEN", "SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT")
    return {name: env(name, default="") for name in names}
