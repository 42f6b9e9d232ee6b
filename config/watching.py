"""The settings of what watches Annals from outside: metrics, error reports and traces."""

from typing import Any

from environ import Env


def watching_settings(env: Env) -> dict[str, Any]:
    """Return the settings named below, from the environment.

    METRICS_TOKEN: the secret with which Prometheus reads /metrics (Authorization: Bearer); without
    it nothing is counted, and there is no such address.
    """
    return {"METRICS_TOKEN": env("METRICS_TOKEN", default="")}
