"""Logs (structlog) and traces (OpenTelemetry). Neither ever holds personal data.

A trace crosses HTTP -> outbox -> Kafka -> workflow -> activity: the request's span is stored as a
traceparent in outbox rows, travels in event headers, and Temporal's interceptor carries it on.
"""

import logging
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import Histogram
from structlog.types import EventDict

from chassis.settings import Settings

request_seconds = Histogram("http_request_seconds", "Time to answer", ["method", "route", "status"])
EXPORT_SECONDS = 5.0  # for one try to hand traces over; also how long the end of a process may wait for it
UNTRACED = frozenset({"/livez", "/readyz", "/metrics"})

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGI = Callable[[Scope, Receive, Send], Awaitable[None]]


def configure(settings: Settings, process: str) -> None:
    """Set up logs and traces for a process; ``process`` is its name, e.g. ``registry-api``."""
    configure_logs(settings, process)
    provider = TracerProvider(resource=Resource.create({"service.name": process}))
    if settings.otlp_endpoint:
        exporter = OTLPSpanExporter(endpoint=settings.otlp_endpoint, timeout=EXPORT_SECONDS)
        provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


def flush() -> None:
    """Hand over the traces that still wait, before the process ends."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.shutdown()


def configure_logs(settings: Settings, process: str) -> None:
    """Every log line, also of libraries, goes through structlog to standard output."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    # These log query strings and connection attempts: never above the noise, never a person's data.
    for name in ("uvicorn.access", "httpx", "httpcore", "aiokafka", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING if name != "aiokafka" else logging.CRITICAL)
    structlog.contextvars.bind_contextvars(process=process)


def _add_trace(_: Any, __: str, event: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = format(context.trace_id, "032x")
    return event


class TraceRequests:
    """ASGI middleware: a span and a duration per request, named by the route (never the URL)."""

    def __init__(self, app: ASGI) -> None:
        self._app = app
        self._tracer = trace.get_tracer(__name__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNTRACED:
            await self._app(scope, receive, send)
            return
        status = 500

        async def watch(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        carrier = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        began = time.perf_counter()
        with self._tracer.start_as_current_span(
            scope["method"], context=extract(carrier), kind=trace.SpanKind.SERVER
        ) as span:
            try:
                await self._app(scope, receive, watch)
            finally:
                route = getattr(scope.get("route"), "path", "unknown")
                span.update_name(f"{scope['method']} {route}")
                span.set_attribute("http.response.status_code", status)
                request_seconds.labels(scope["method"], route, str(status)).observe(time.perf_counter() - began)
