"""Error reports (Sentry) and traces (OpenTelemetry) of Annals, where a deployment asks for them."""
