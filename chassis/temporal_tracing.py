"""Traces through Temporal: what a workflow does because of a message belongs to the message's trace.

The SDK's interceptor puts whatever a workflow does into the trace that started it, and only links to the
sender of a signal or an update. For a workflow that lives for months that is a trace without an end, and a
request's trace would stop at Temporal. Here a handler runs in its sender's trace; a workflow that queues
messages keeps the `Sender` beside each, and is `on_behalf_of` it when its turn comes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

from opentelemetry import context
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind
from temporalio.api.common.v1 import Payload
from temporalio.contrib.opentelemetry import TracingInterceptor, TracingWorkflowInboundInterceptor
from temporalio.worker import HandleSignalInput, HandleUpdateInput, WorkflowInterceptorClassInput

Sender: TypeAlias = Context


def sender() -> Sender:
    """Return, in a handler, who sent what is handled."""
    return context.get_current()


@contextmanager
def on_behalf_of(one: Sender) -> Iterator[None]:
    """Do what is inside in the trace of a message's sender."""
    token = context.attach(one)
    try:
        yield
    finally:
        # Of a workflow that was evicted meanwhile this runs wherever it is collected: nothing to undo there,
        # and OpenTelemetry's own detach would log an error.
        with suppress(ValueError):
            token.var.reset(token)


class MessageTracing(TracingInterceptor):
    """The SDK's interceptor, with messages in their senders' traces."""

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[TracingWorkflowInboundInterceptor]:
        super().workflow_interceptor_class(input)  # gives the workflow what makes spans
        return _InSendersTrace


class _InSendersTrace(TracingWorkflowInboundInterceptor):
    async def handle_signal(self, input: HandleSignalInput) -> None:
        with self._handling(f"HandleSignal:{input.signal}", input.headers):
            await self.next.handle_signal(input)

    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        with self._handling(f"ValidateUpdate:{input.update}", input.headers):
            self.next.handle_update_validator(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        with self._handling(f"HandleUpdate:{input.update}", input.headers):
            return await self.next.handle_update_handler(input)

    @contextmanager
    def _handling(self, name: str, headers: Mapping[str, Payload]) -> Iterator[None]:
        """A span in the sender's trace, linked to the workflow's. No trace where the sender had none (the CLI)."""
        carrier = {}
        if self.header_key in headers:
            carrier = self.payload_converter.from_payloads([headers[self.header_key]])[0]
        with on_behalf_of(self.text_map_propagator.extract(carrier, context=Context())):
            self._completed_span(
                name, link_context_carrier=self._load_workflow_context_carrier(), kind=SpanKind.SERVER
            )
            yield
