"""The web server's socket: answers leave at once."""

from __future__ import annotations

import asyncio
import socket

from api.up import listening_socket
from graph.settings import Settings


async def test_answers_do_not_wait_for_acknowledgements(settings: Settings) -> None:
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    class Told(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted.set_result(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    listener = listening_socket(settings)
    async with await asyncio.get_running_loop().create_server(Told, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())

        assert await accepted == 1

        writer.close()
        await writer.wait_closed()
