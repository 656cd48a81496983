"""Which certificate a camera may show over RTSPS. Most make their own, which nobody has signed."""

from __future__ import annotations

import hashlib
import hmac
import socket
import ssl

from hall.errors import SourceMalformed, SourceStalled
from hall.place import ANY_CERTIFICATE, VERIFIED_CERTIFICATE


def secured(plain: socket.socket, host: str, certificate: str) -> ssl.SSLSocket:
    """The connection under TLS; `certificate` is `Camera.certificate`.

    Raises SourceMalformed for another certificate than is asked for or without TLS, or SourceStalled.
    """
    try:
        encrypted = _context(certificate).wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        raise SourceMalformed(f"the camera's certificate is not valid: {error.verify_message}") from None
    except TimeoutError:
        raise SourceStalled("the camera accepts the connection and then says nothing") from None
    except ssl.SSLError:
        raise SourceMalformed("what answers does not speak TLS as it should") from None
    if certificate not in (ANY_CERTIFICATE, VERIFIED_CERTIFICATE):
        shown = hashlib.sha256(encrypted.getpeercert(binary_form=True) or b"").hexdigest()
        if not hmac.compare_digest(shown, certificate):
            encrypted.close()
            raise SourceMalformed(f"the camera shows another certificate than it should: SHA-256 {shown}")
    return encrypted


def _context(certificate: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if certificate != VERIFIED_CERTIFICATE:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        # Cameras make themselves keys that are shorter than is allowed otherwise.
        context.set_ciphers("DEFAULT:@SECLEVEL=1")
    return context
