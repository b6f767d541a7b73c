"""A real SMTP server on a free port, with the accidents that real ones have."""

import asyncio
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class Mailbox:
    """Keeps what was accepted; answers can be set for each stage."""

    accepted: list[Any] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    rcpt: str = "250 OK"
    data: str = "250 OK"
    #: Accept, and then close the connection instead of answering.
    hang_up: bool = False
    #: Accept, and then say nothing for so many seconds.
    silence: float = 0.0

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.data.startswith("250"):
            self.accepted.append(envelope)
            self.recipients.extend(envelope.rcpt_tos)
        if self.hang_up:
            server.transport.abort()
        await asyncio.sleep(self.silence)
        return self.data


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1 that is its own authority; returns the files of certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.city.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@contextmanager
def serving(
    mailbox: Mailbox, *, files: tuple[Path, Path] | None = None, implicit: bool = False, login: bool = False
) -> Iterator[int]:
    """Serve a mailbox on a free port and yield it; with `files` encrypted, with `login` for notice/s3cret only."""
    context = None
    if files is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
    options: dict[str, Any] = {"hostname": "mail.city.example", "tls_context": None if implicit else context}
    if login:
        options |= {"auth_required": True, "auth_require_tls": not implicit, "authenticator": _authenticate}
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made = loop.create_server(
        lambda: _protocol(mailbox, loop, options), "127.0.0.1", 0, ssl=context if implicit else None
    )
    server = asyncio.run_coroutine_threadsafe(made, loop).result(timeout=5)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(timeout=5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _protocol(mailbox: Mailbox, loop: asyncio.AbstractEventLoop, options: dict[str, Any]) -> SMTP:
    # It remarks on logins without STARTTLS, although the connection is encrypted from its first byte.
    with warnings.catch_warnings(action="ignore"):
        return SMTP(mailbox, loop=loop, **options)


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"notice", b"s3cret"), handled=False)


async def _end(server: asyncio.Server) -> None:
    server.close()
    running = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
