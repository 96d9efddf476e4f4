"""怎样自己签发一套只用一小时的证书，给测试和演练用？"""

import datetime as dt
import tempfile
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec

hour = dt.timedelta(hours=1)


class Identity(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def issue(name: str, issuer: Identity | None = None, begins=-hour, ends=hour) -> Identity:
    """签一张证书，有效期相对现在。不给 issuer 就是自签的 CA；给了就是主机 name 的证书。"""
    now, key = dt.datetime.now(dt.UTC), ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    parent, signer = (issuer.certificate.subject, issuer.key) if issuer else (subject, key)
    extensions: list[tuple[x509.ExtensionType, bool]] = [  # （扩展，是否关键）
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False),
        (x509.BasicConstraints(ca=issuer is None, path_length=None if issuer else 0), True),
    ]
    if issuer:
        uses = [x509.ExtendedKeyUsageOID.SERVER_AUTH, x509.ExtendedKeyUsageOID.CLIENT_AUTH]
        extensions.append((x509.ExtendedKeyUsage(uses), False))
        extensions.append((x509.SubjectAlternativeName([x509.DNSName(name)]), False))
    else:
        signs = [False] * 5 + [True, True, False, False]  # 只许签证书和吊销列表
        extensions.append((x509.KeyUsage(*signs), True))
    builder = x509.CertificateBuilder().issuer_name(parent).subject_name(subject)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now + begins).not_valid_after(now + ends)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return Identity(builder.sign(signer, hashes.SHA256()), key)


def save(identity: Identity, folder: Path) -> Path:
    """证书和私钥写进同一个 PEM 文件，只有自己能读。返回路径。"""
    (path := folder / f"{identity.certificate.serial_number:x}.pem").touch(mode=0o600)
    pem, kind, plain = form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
    certificate, key = identity.certificate.public_bytes(pem), identity.key
    path.write_bytes(certificate + key.private_bytes(pem, kind, plain))
    return path


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = save(issue("weights.internal", issue("book CA")), Path(folder))
        own = x509.load_pem_x509_certificate(path.read_bytes())
        print(f"{own.subject.rfc4514_string()}，由 {own.issuer.rfc4514_string()} 签发")
        print(f"证书和私钥的文件，权限 {path.stat().st_mode & 0o777:o}")
