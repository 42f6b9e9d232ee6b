"""A request whose end is held back, and whose answer is waited for elsewhere."""

import socket

from tests.faults.kills_browser import TOKEN
from tests.faults.people import Place


class Request:
    """A request on a connection of its own; of its body the last `held` bytes wait."""

    def __init__(self, place: Place, path: str, body: str = "", *, held: int = 0) -> None:
        host = f"127.0.0.1:{place.port}"
        cookie = f"{place.cookies[0]}; csrftoken={TOKEN}"
        head = [
            f"{'POST' if body else 'GET'} {path} HTTP/1.1", f"Host: {host}", f"Cookie: {cookie}",
            f"Origin: http://{host}", "Connection: close", f"Content-Length: {len(body)}",
            "Content-Type: application/x-www-form-urlencoded", "", body,
        ]  # fmt: skip
        whole = "\r\n".join(head).encode()
        self._held = whole[len(whole) - held :] if held else b""
        self._socket = socket.create_connection(("127.0.0.1", place.port), timeout=60)
        self._socket.sendall(whole[: len(whole) - held] if held else whole)

    def go_on(self) -> None:
        """Send what was held back."""
        self._socket.sendall(self._held)

    def until(self, words: bytes) -> bytes:
        """Return what comes, up to these words or the end."""
        found = b""
        while words not in found and (part := self._socket.recv(65536)):
            found += part
        return found

    def rest(self) -> bytes:
        """Return what comes until the connection is closed; nothing where it breaks off."""
        try:
            return self.until(b"\0\0never")
        except OSError:
            return b""
