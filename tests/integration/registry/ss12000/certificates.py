"""Certificates of an authority of the test's own, as PEM files."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chassis.clock import CivilClock, ClockSpec

PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Pair:
    certificate: Path
    key: Path


class Authority:
    """`issue("server")` writes a certificate that it vouches for; ``file`` is its own."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = _named(name)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._sign(self._subject, self._key, ca=True).public_bytes(PEM))

    def issue(self, whose: str) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        made = Pair(self._folder / f"{self._name}-{whose}.pem", self._folder / f"{self._name}-{whose}.key")
        made.certificate.write_bytes(self._sign(_named(whose), key, ca=False).public_bytes(PEM))
        plain = serialization.NoEncryption()
        made.key.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, plain))
        return made

    def _sign(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> x509.Certificate:
        now: datetime = CivilClock(ClockSpec()).now()
        address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(address, critical=False)
        )
        return builder.sign(self._key, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
