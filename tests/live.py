"""Annals as granian serves it, pages and streams at one address, in a thread of the tests."""

import asyncio
import socket
import threading
import time
from concurrent.futures import Future
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server

from config.run import free_port


class Served:
    """A server that can be stopped, and started again at the same address."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        began: Future = Future()
        self._thread = threading.Thread(target=self._run, args=(began,), daemon=True)
        self._thread.start()
        self.loop, self._server, self.application = began.result(30)
        while not self._answers():
            time.sleep(0.01)

    def stop(self) -> None:
        """End all streams, and stop answering."""
        self.application.end_streams()
        self.loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(30)
        assert not self._thread.is_alive(), "The server does not end."

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _run(self, began: Future) -> None:
        asyncio.run(self._serve(began))

    async def _serve(self, began: Future) -> None:
        from config.asgi import Application

        application: Any = Application()
        server = Server(
            application,
            address="127.0.0.1",
            port=self.port,
            interface=Interfaces.ASGI,
            backpressure=1000,
            log_enabled=False,
            websockets=False,
        )
        server.on_startup(
            lambda: began.set_result((asyncio.get_running_loop(), server, application))
        )
        await server.serve()
