"""A reverse proxy with TLS in front of web, as Caddy, ngrok and GitHub Codespaces are."""

import asyncio
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

# How a proxy passes a request's header fields on: its own from those that it got, by name in lower
# case, and the port behind it.
Rewriting = Callable[[dict[str, str], int], dict[str, str]]


def as_caddy(headers: dict[str, str], _port: int) -> dict[str, str]:
    """Keep the Host, as Caddy and ngrok do.

    Source: https://caddyserver.com/docs/caddyfile/directives/reverse_proxy#headers
    """
    said = {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https"}
    return {**headers, **said, "x-forwarded-host": headers["host"]}


def as_codespaces(headers: dict[str, str], port: int) -> dict[str, str]:
    """Put localhost in the place of the Host, and of an Origin that is the public address.

    Source: https://github.com/symfony/demo/issues/1542
    """
    here, there = f"localhost:{port}", headers["host"]
    origin = {"origin": f"http://{here}"} if headers.get("origin") == f"https://{there}" else {}
    return {**as_caddy(headers, port), "host": here, **origin}


def without_websocket(rewriting: Rewriting) -> Rewriting:
    """Let no WebSocket through, as some proxies of schools and companies."""

    def rewritten(headers: dict[str, str], port: int) -> dict[str, str]:
        passed = {name: value for name, value in headers.items() if name != "upgrade"}
        return {**rewriting(passed, port), "connection": "close"}

    return rewritten


@contextmanager
def tls_proxy(port: int, rewriting: Rewriting, name: str, folder: Path) -> Iterator[int]:
    """Serve https in front of a port of this machine, and give the port of that.

    Args:
        port: where the server behind it listens, on 127.0.0.1.
        rewriting: what it does to the header fields.
        name: the host in its certificate, which it signs itself.
        folder: where the certificate goes.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(name, folder))
    started: Future[tuple[int, asyncio.Event, asyncio.AbstractEventLoop]] = Future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A browser hangs up whenever it likes, and at the end of a test nobody waits for more.
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            async with closing(writer):
                await _serve_one(reader, writer, port, rewriting)

    async def run() -> None:
        end = asyncio.Event()
        async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
            started.set_result(
                (server.sockets[0].getsockname()[1], end, asyncio.get_running_loop())
            )
            await end.wait()
            served = asyncio.all_tasks() - {asyncio.current_task()}
            for task in served:
                task.cancel()
            await asyncio.gather(*served, return_exceptions=True)

    runs = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    runs.start()
    tls_port, end, loop = started.result(timeout=60)
    yield tls_port
    loop.call_soon_threadsafe(end.set)
    runs.join()


async def _serve_one(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, rewriting: Rewriting
) -> None:
    """Pass one request on, and its answer back, or a WebSocket both ways until one end closes."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {field.lower(): value.strip() for field, _, value in pairs}
    if "upgrade" not in headers:
        headers["connection"] = "close"
    passed = [first, *(f"{it}: {value}" for it, value in rewriting(headers, port).items())]
    from_server, to_server = await asyncio.open_connection("127.0.0.1", port)
    async with closing(to_server):
        to_server.write("\r\n".join([*passed, "", ""]).encode("latin-1"))
        there = asyncio.create_task(_pump(reader, to_server))
        await _pump(from_server, writer)
        there.cancel()


@asynccontextmanager
async def closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Send what is left and close at the end, and at once if that end is an error."""
    try:
        yield
        writer.close()
        await writer.wait_closed()
    finally:
        writer.transport.abort()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while got := await source.read(65536):
            target.write(got)
            await target.drain()


def _certificate(name: str, folder: Path) -> Path:
    file = folder / "certificate.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1"
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    files = ["-keyout", str(file), "-out", str(folder / "only-certificate.pem")]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
    with file.open("ab") as both:
        both.write((folder / "only-certificate.pem").read_bytes())
    return file
