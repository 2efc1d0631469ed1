"""Reads what another server sends, and no more than is wanted of it."""

import aiohttp


async def read_up_to(answer: aiohttp.ClientResponse, limit: int) -> bytes | None:
    """The body of an answer; None where it has more than ``limit`` bytes, whatever it says of itself."""
    content = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        content += chunk
        if len(content) > limit:
            return None
    return bytes(content)
