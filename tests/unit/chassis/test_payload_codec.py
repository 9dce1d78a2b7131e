"""Payload encryption: nothing readable is stored, keys rotate, a destroyed key makes data unreadable."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload

from chassis.payload_codec import EncryptingCodec, PayloadKeys

OLD, NEW = os.urandom(32), os.urandom(32)


@given(data=st.binary(max_size=2000))
async def test_what_is_encoded_decodes_to_the_same(data: bytes) -> None:
    codec = EncryptingCodec(PayloadKeys("new", {"old": OLD, "new": NEW}))
    payload = Payload(metadata={"encoding": b"json/plain"}, data=data)
    [sealed] = await codec.encode([payload])
    assert await codec.decode([sealed]) == [payload]
    assert sealed.metadata["encoding"] == b"binary/encrypted"
    if len(data) > 4:
        assert data not in sealed.data


async def test_old_keys_still_decrypt_and_destroyed_ones_do_not() -> None:
    payload = Payload(data=b"x")
    [sealed] = await EncryptingCodec(PayloadKeys("old", {"old": OLD})).encode([payload])
    rotated = EncryptingCodec(PayloadKeys("new", {"old": OLD, "new": NEW}))
    assert await rotated.decode([sealed]) == [payload]
    with pytest.raises(KeyError):
        await EncryptingCodec(PayloadKeys("new", {"new": NEW})).decode([sealed])


async def test_a_payload_that_was_never_encrypted_passes() -> None:
    plain = Payload(metadata={"encoding": b"json/plain"}, data=b"1")
    assert await EncryptingCodec(PayloadKeys("new", {"new": NEW})).decode([plain]) == [plain]


def test_the_current_key_must_exist() -> None:
    with pytest.raises(ValueError, match="current payload key"):
        PayloadKeys("new", {"old": OLD})
