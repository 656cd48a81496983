"""A real time-stamping authority (RFC 3161): OpenSSL behind a small HTTP server on loopback."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SETTINGS = """
[tsa]
default_tsa = stamps
[stamps]
serial = {folder}/serial
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
"""
LIMIT = 20.0


@dataclass
class Authority:
    """`url` to ask, and the root that stands for it. `answer`: what it says in place of a stamp."""

    url: str
    root: bytes
    answer: tuple[int, bytes] | None = None


@contextmanager
def time_stamp_authority(folder: Path) -> Iterator[Authority]:
    """An authority with a root of its own, until the block ends."""
    folder.mkdir()
    root = _certificates(folder)
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(SETTINGS.format(folder=folder))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = authority.answer or (200, _reply(folder, query))
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    authority = Authority(f"http://127.0.0.1:{server.server_address[1]}/stamps", root)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
        serving.join(LIMIT)


def _reply(folder: Path, query: bytes) -> bytes:
    (folder / "query.tsq").write_bytes(query)
    command = ["openssl", "ts", "-reply", "-config", str(folder / "tsa.cnf"), "-section", "stamps"]
    files = ["-queryfile", str(folder / "query.tsq"), "-out", str(folder / "reply.tsr")]
    subprocess.run(
        [*command, *files], check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=LIMIT
    )
    return (folder / "reply.tsr").read_bytes()


def _certificates(folder: Path) -> bytes:
    """Write the signer's key and certificate; gives the root that signed it, as PEM."""
    root_key, signer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test root")])
    signer_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test time stamps")])
    root = (
        _begun(root_name, root_name, root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    signer = (
        _begun(signer_name, root_name, signer_key.public_key())
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "signer.pem").write_bytes(signer.public_bytes(pem))
    (folder / "signer.key").write_bytes(
        signer_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return root.public_bytes(pem)


def _begun(name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
