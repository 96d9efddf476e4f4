"""TLS 的默认设置里，哪几样要自己改，才算双向校验？"""

import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from infrastructure.security.throwaway_ca import Identity, issue, save


def settings(side: ssl.Purpose, ca: x509.Certificate, own: Identity | None) -> ssl.SSLContext:
    """只信一个 CA，至少 TLS 1.3，对方必须出示证书。own 为空，就是自己不带证书。"""
    context = ssl.create_default_context(side, cadata=ca.public_bytes(Encoding.PEM).decode())
    if own:
        with tempfile.TemporaryDirectory() as folder:  # ssl 只肯从文件读私钥
            context.load_cert_chain(save(own, Path(folder)))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED  # 服务器默认不看客户端的证书
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def both_sides(ca: x509.Certificate, host: Identity, node: Identity | None):
    """返回（服务器的设置，客户端的设置）。Purpose 说的是要验证谁，所以是反的。"""
    return (
        settings(ssl.Purpose.CLIENT_AUTH, ca, host),
        settings(ssl.Purpose.SERVER_AUTH, ca, node),
    )


if __name__ == "__main__":
    ca = issue("book CA")
    own = issue("node-0", ca)
    for name, side in (("服务器", ssl.Purpose.CLIENT_AUTH), ("客户端", ssl.Purpose.SERVER_AUTH)):
        default, ours = ssl.create_default_context(side), settings(side, ca.certificate, own)
        for when, context in (("默认", default), ("这里", ours)):
            must, host = context.verify_mode == ssl.CERT_REQUIRED, context.check_hostname
            print(f"{name}{when}：必须看对方的证书 {must}，核对主机名 {host}")
