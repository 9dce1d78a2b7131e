"""The codec server: lets the Temporal UI show payloads in clear text to whoever may see them.

On the local stack it answers the UI's origin without a token; in any other environment a token is needed whose
role may see payloads (the UI passes the access token on). Started by `workflows.codec_server`.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import Response
from google.protobuf import json_format
from pydantic import Field
from temporalio.api.common.v1 import Payloads

from chassis.access import Allow, OpenToAll, Table
from chassis.auth import CallerOf, own_claims
from chassis.http import create_app
from chassis.payload_codec import EncryptingCodec, PayloadKeys
from chassis.problems import Problem
from chassis.settings import Settings

# The UI asks for a page of a history at once; Temporal takes no message above 4 MB.
MOST_BYTES = 8 * 1024 * 1024


class CodecSettings(Settings):
    """The codec server's settings."""

    part = "codec"

    codec_ui_origin: str = Field(default="http://127.0.0.1:8233", description="Origin of the Temporal UI")


def build(settings: CodecSettings, access: Table, read: Allow, caller_of: CallerOf = own_claims) -> FastAPI:
    """Return the app; ``read`` is the action of seeing payloads. Raises ValueError without keys."""
    if settings.payload_keys_file is None:
        raise ValueError("UPPSOK_PAYLOAD_KEYS_FILE is not set")
    codec = EncryptingCodec(PayloadKeys.read(settings.payload_keys_file))
    app = create_app(
        title="Uppsök codec server",
        settings=settings,
        checks={},
        access=access,
        caller_of=caller_of,
        most_bytes=MOST_BYTES,
    )
    app.add_middleware(
        CORSMiddleware,
        allow_origins=[settings.codec_ui_origin, settings.codec_ui_origin.replace("127.0.0.1", "localhost")],
        allow_methods=["POST"],
        allow_headers=["*"],
        allow_credentials=True,
    )
    allowed: Allow | OpenToAll = read
    if settings.environment == "local":
        allowed = OpenToAll("the UI of the local stack has no token to pass on")

    async def transformed(request: Request, change: Callable[[Any], Awaitable[Any]]) -> Response:
        try:
            sent = json_format.Parse(await request.body(), Payloads())
            done = Payloads(payloads=await change(sent.payloads))
        except (json_format.ParseError, KeyError):
            raise Problem(400, "not-payloads", "The body is not Temporal payloads of ours") from None
        return Response(json_format.MessageToJson(done), media_type="application/json")

    @app.post("/decode")
    async def decode(request: Request, _: Annotated[Any, Depends(allowed)]) -> Response:
        """Decrypt payloads (Temporal's remote codec protocol)."""
        return await transformed(request, codec.decode)

    @app.post("/encode")
    async def encode(request: Request, _: Annotated[Any, Depends(allowed)]) -> Response:
        """Encrypt payloads, so that a signal can be sent from the UI."""
        return await transformed(request, codec.encode)

    return app
