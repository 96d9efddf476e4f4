"""真的用套接字传，环形 all-reduce 每个节点发出多少字节？与都发给一个节点比呢？"""

import socket
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from infrastructure.performance.busbw import bus_factor


def send(link: socket.socket, array: np.ndarray) -> int:
    """返回真正写进套接字的字节数。"""
    data, sent = memoryview(array.tobytes()), 0
    while sent < len(data):
        sent += link.send(data[sent:])
    return sent


def receive(link: socket.socket, like: np.ndarray) -> np.ndarray:
    buffer = bytearray()
    while len(buffer) < like.nbytes:
        buffer += link.recv(like.nbytes - len(buffer))
    return np.frombuffer(bytes(buffer), like.dtype)


def ring_node(rank: int, nodes: int, vector, left: socket.socket, right: socket.socket):
    """环上的一个节点，只认识左右邻居。返回（和，发出的字节数）。"""
    chunks, sent = np.array_split(vector, nodes), 0
    for gather in False, True:  # 先攒齐一块，再传给所有人
        for step in range(nodes - 1):
            out = (rank + gather - step) % nodes
            sent += send(right, chunks[out])
            into = (out - 1) % nodes
            message = receive(left, chunks[into])
            chunks[into] = message if gather else chunks[into] + message
    return np.concatenate(chunks), sent


def ring(vectors: list[np.ndarray]):
    """每个节点一个线程，与右边的邻居之间一对套接字；十秒没有动静就报错。"""
    n = len(vectors)
    rights, lefts = zip(*(socket.socketpair() for _ in range(n)))
    for link in rights + lefts:
        link.settimeout(10)
    with ThreadPoolExecutor(n) as pool:
        lefts = lefts[-1:] + lefts[:-1]  # 我左边的，是左邻居那一对的另一头
        results = list(pool.map(ring_node, range(n), [n] * n, vectors, lefts, rights))
    for link in rights + lefts:
        link.close()
    return zip(*results)


if __name__ == "__main__":
    for nodes, size in (2, 16_384), (4, 16_384), (8, 16_384):
        vectors = list(np.random.default_rng(0).normal(size=(nodes, size)).astype("float32"))
        results, sent = ring(vectors)
        same = len({result.tobytes() for result in results}) == 1
        formula = bus_factor("all-reduce", nodes) * size * 4
        print(f"{nodes} 个节点：每个发出 {'、'.join(f'{n:,}' for n in set(sent))} 字节，", end="")
        print(f"公式 {formula:,.0f}，各节点的和逐位相同 {same}")
