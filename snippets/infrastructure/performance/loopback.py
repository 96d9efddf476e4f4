"""本机回环的往返延迟和吞吐是多少？消息多大才是在量带宽？（≈ 行因机器而异）"""

import contextlib
import socket
import threading
import time

import numpy as np

from infrastructure.performance.matmul_flops import per_second


def serve(listener: socket.socket, size: int, rounds: int) -> None:
    """收满 size 字节，回一个字节，共 rounds 次。对方断了就结束。"""
    with contextlib.suppress(OSError), listener.accept()[0] as link:
        link.settimeout(10)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        buffer = memoryview(bytearray(size))
        for _ in range(rounds):
            left = size
            while left:
                got = link.recv_into(buffer[:left])
                if not got:
                    return
                left -= got
            link.sendall(b"k")


def exchange(size: int, rounds: int) -> np.ndarray:
    """发 size 字节、等一个字节的回答，重复 rounds 次，逐次的秒数。十秒没有动静就报错。"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        server = threading.Thread(target=serve, args=(listener, size, rounds))
        server.start()
        with socket.create_connection(listener.getsockname(), timeout=10) as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # 小消息不攒着发
            message, seconds = bytes(size), np.empty(rounds)
            for i in range(rounds):
                start = time.perf_counter()
                link.sendall(message)
                if link.recv(1) != b"k":
                    raise ConnectionError(f"第 {i} 次往返：服务器提前断开")
                seconds[i] = time.perf_counter() - start
        server.join(10)
    return seconds


if __name__ == "__main__":
    small, large = 64, 1 << 20
    print(f"小消息 {small} 字节，往返 3,000 次；大消息 1 MiB，200 次")
    p50, p99, p999 = np.percentile(exchange(small, 3_000)[100:], [50, 99, 99.9]) * 1e6
    print(f"≈ 小消息往返：P50 {p50:.0f} µs，P99 {p99:.0f} µs，P99.9 {p999:.0f} µs")
    rate, source = large / exchange(large, 200).min(), np.ones(large, np.uint8)
    limit = per_second(lambda: source.copy(), large, repeats=20)
    print(f"≈ 大消息 {rate / 1e9:.2f} GB/s，同样大小的内存复制 {limit / 1e9:.2f} GB/s", end="，")
    print(f"占 {rate / limit:.0%}；小消息只有 {small / p50 * 1e6 / rate:.2%}")
    print(f"≈ 消息大到 {p50 * 1e-6 * rate / 1_024:.0f} KiB，延迟和传输才各占一半")
