"""Server certificates as small portals have them, made when they are needed: valid, expired, or behind 1024-bit DH."""

from __future__ import annotations

import base64
import datetime as dt
import ssl
import tempfile
from functools import cache
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

Certificate = Literal["valid", "expired", "dh1024"]

# RFC 2409, second Oakley group: the 1024-bit prime that old servers ship
OAKLEY_2 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
    16,
)


@cache
def context(kind: Certificate) -> ssl.SSLContext:
    """A server context; ``dh1024`` offers nothing but TLS 1.2 with a 1024-bit Diffie-Hellman group."""
    folder = Path(tempfile.mkdtemp(prefix="gongkai-certificate-"))
    pem = folder / "server.pem"
    pem.write_bytes(_certificate(expired=kind == "expired"))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if kind == "dh1024":
        made.maximum_version = ssl.TLSVersion.TLSv1_2
        made.set_ciphers("DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-SHA:@SECLEVEL=0")
        parameters = folder / "dh.pem"
        parameters.write_bytes(_dh_parameters(OAKLEY_2))
        made.load_dh_params(str(parameters))
    made.load_cert_chain(str(pem))
    return made


def _certificate(*, expired: bool) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portal.localhost")])
    now = dt.datetime.now(dt.UTC)
    begins, ends = (now - dt.timedelta(days=800), now - dt.timedelta(days=70 if expired else -365))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("*.localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _dh_parameters(prime: int, generator: int = 2) -> bytes:
    """PKCS #3 parameters in PEM: SEQUENCE { INTEGER prime, INTEGER generator }."""
    body = b"".join(_der(2, n.to_bytes(n.bit_length() // 8 + 1, "big")) for n in (prime, generator))
    text = base64.encodebytes(_der(0x30, body)).decode("ascii")
    return f"-----BEGIN DH PARAMETERS-----\n{text}-----END DH PARAMETERS-----\n".encode("ascii")


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82, *size.to_bytes(2, "big")])
    return bytes([tag]) + length + content
