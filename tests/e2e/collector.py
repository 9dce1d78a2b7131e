"""Where traces go in the tests: a collector of OTLP over HTTP that keeps the spans it is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A span as it was told. Ids are in hexadecimal, as in a traceparent."""

    trace_id: str
    span_id: str
    parent_id: str  # empty for a root
    service: str  # the process that made it
    name: str


class Collector:
    """What was told, by trace. Threads of the server write, the test reads."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._spans: dict[str, list[Span]] = {}
        self._lock = Lock()

    def take(self, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        with self._lock:
            for resource in request.resource_spans:
                names = {attribute.key: attribute.value.string_value for attribute in resource.resource.attributes}
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        told = Span(
                            trace_id=span.trace_id.hex(),
                            span_id=span.span_id.hex(),
                            parent_id=span.parent_span_id.hex(),
                            service=names["service.name"],
                            name=span.name,
                        )
                        self._spans.setdefault(told.trace_id, []).append(told)

    def spans(self, trace_id: str) -> list[Span]:
        with self._lock:
            return list(self._spans.get(trace_id, ()))


@contextmanager
def collecting() -> Iterator[Collector]:
    """Yield a collector that listens on a free port of the loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """The tests' output is for what fails."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector = Collector(f"http://127.0.0.1:{server.server_port}/v1/traces")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
