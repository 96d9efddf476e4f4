"""双向 TLS 怎样认人：过期的、外人签的、名字不对的、不带证书的，各由哪一边拒绝？"""

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor

from infrastructure.security.cleartext import Wiretap
from infrastructure.security.throwaway_ca import hour, issue
from infrastructure.security.tls_settings import both_sides

timeout_s = 10


def serve(listener: socket.socket, context: ssl.SSLContext) -> bytes:
    """接一个连接，返回收到的口令。客户端的证书不行，抛出 ssl.SSLError。"""
    with listener.accept()[0] as plain:
        plain.settimeout(timeout_s)
        with context.wrap_socket(plain, server_side=True) as secure:
            secure.sendall(b"+")
            return secure.recv(100)


def connect(server: ssl.SSLContext, client: ssl.SSLContext, name: str, tap=None) -> str:
    """客户端要找的主机叫 name，接通就发口令。返回接通的版本，或者哪一边为什么拒绝。"""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        listener.settimeout(timeout_s)
        job, port = pool.submit(serve, listener, server), listener.getsockname()[1]
        address = ("127.0.0.1", tap(port) if tap else port)
        try:
            with (
                socket.create_connection(address, timeout_s) as plain,
                client.wrap_socket(plain, server_hostname=name) as secure,
            ):
                secure.sendall(b"s3cret")
                secure.recv(1)  # TLS 1.3 的客户端先完成握手，被拒绝要到这里才知道
                if not job.exception():
                    return f"{secure.version()}，服务器收到 {job.result().decode()}"
        except ssl.SSLCertVerificationError as error:
            return f"客户端拒绝：{error.verify_message}"
        except (ssl.SSLError, ConnectionError):
            pass  # 客户端只知道连接断了，原因问服务器
        error = job.exception()
        return f"服务器拒绝：{getattr(error, 'verify_message', '') or error.reason}"


if __name__ == "__main__":
    ca, stranger, name = issue("book CA"), issue("book CA"), "weights.internal"  # 两个 CA 同名
    host, node = issue(name, ca), issue("node-0", ca)
    for what, its, mine, wanted in (
        *(("都对", host, node, name), ("主机名不对", host, node, "backup.internal")),
        ("服务器的证书过期", issue(name, ca, -2 * hour, -hour), node, name),
        ("冒名的 CA 签的服务器", issue(name, stranger), node, name),
        ("冒名的 CA 签的客户端", host, issue("node-0", stranger), name),
        ("客户端不带证书", host, None, name),
    ):
        print(f"{what}：{connect(*both_sides(ca.certificate, its, mine), wanted)}")
    wires, sides = [], both_sides(ca.certificate, host, node)
    connect(*sides, name, lambda port: wires.append(Wiretap(port)) or wires[0].port)
    print(f"同一段网线上抄到口令：{b's3cret' in wires[0].seen}")
