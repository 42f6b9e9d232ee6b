"""Sends traces of requests, tasks and queries to OTEL_EXPORTER_OTLP_ENDPOINT, without values."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from activity.context import current
from config.operations.versions import version

# What says nothing about people; addresses of pages and of clients are not among it, nor what
# browsers call themselves.
KEPT = {
    "celery.action",
    "celery.state",
    "celery.task_name",
    "db.operation",
    "db.operation.name",
    "db.redis.args_length",
    "db.statement",  # texts of queries hold places for values, and no values
    "db.system",
    "db.system.name",
    "error.type",
    "http.method",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "http.scheme",
    "http.status_code",
    "messaging.destination",
    "messaging.message.id",
    "request_id",
}


AFTER = 2  # middlewares of config/observing.py and config/counting.py


class Discreet(SpanExporter):
    """Hands spans on with nothing but what is known to be harmless."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send the spans; of what happened in them the kinds of errors alone."""
        return self._exporter.export([_without_values(span) for span in spans])

    def shutdown(self) -> None:
        """Send no more."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send now what waits."""
        return self._exporter.force_flush(timeout_millis)


def _without_values(span: ReadableSpan) -> ReadableSpan:
    errors = [each.attributes.get("exception.type") for each in span.events]
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: each for name, each in span.attributes.items() if name in KEPT},
        events=[Event("exception", {"exception.type": kind}) for kind in errors if kind],
        links=span.links,
        kind=span.kind,
        status=trace.Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def start() -> None:
    """Trace from now on, in this process and those that are forked from it."""
    resource = Resource.create({"service.name": "annals", "service.version": version()})
    provider = TracerProvider(resource=resource)
    endpoint = f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT.rstrip('/')}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(Discreet(OTLPSpanExporter(endpoint))))
    trace.set_tracer_provider(provider)
    # After what gives each request its id, whose answers it would otherwise stand before.
    DjangoInstrumentor().instrument(response_hook=_note_request, middleware_position=AFTER)
    CeleryInstrumentor().instrument()
    RedisInstrumentor().instrument()
    PsycopgInstrumentor().instrument()


def _note_request(span: Any, request: Any, response: Any) -> None:
    """Have the trace of a request found by the id that its log lines have."""
    if span and span.is_recording():
        span.set_attribute("request_id", str(getattr(request, "request_id", current().id)))
