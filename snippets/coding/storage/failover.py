"""集群的主节点被 SIGKILL，客户端看到什么？文件还在吗？连副本也没了呢？"""

import random
import time
from collections.abc import Callable

from valkey import exceptions as e
from valkey.cluster import ValkeyCluster

from coding.storage import cluster_file
from coding.storage.cluster import valkey_cluster
from coding.storage.cluster_nodes import wait_until

passing = e.ConnectionError, e.TimeoutError, e.ClusterError, e.MovedError, e.ValkeyClusterException


def patient(cluster: ValkeyCluster, action: Callable, limit_s: float = 20):
    """故障切换期间重问槽表，重做 action()，它必须可以重做。limit_s 秒不成，抛出 TimeoutError。"""
    deadline, refresh = time.monotonic() + limit_s, lambda: None
    while True:
        try:
            return refresh() or action()
        except passing as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"重试了 {limit_s:g} 秒仍不成：{error}") from error
            time.sleep(0.02)
            refresh = cluster.nodes_manager.initialize  # 它也可能失败


def kill_owner(nodes: dict, cluster: ValkeyCluster, key: str) -> int:
    """用 SIGKILL 杀死此刻管着 key 的主节点，返回它的序号。"""
    nodes[port := cluster.get_node_from_key(key).port].terminate()
    return list(nodes).index(port)


def lost_slots(nodes: dict) -> list[str]:
    """集群判定已经没有节点在管的槽。只要有一段，默认拒绝一切读写。"""
    with next(node for node in nodes.values() if node.is_running()).client() as client:
        seen = client.execute_command("CLUSTER NODES").values()
    return ["–".join(part) for n in seen if "fail" in n["flags"].split(",") for part in n["slots"]]


if __name__ == "__main__":
    original = random.Random(0).randbytes(300_000)
    with valkey_cluster(1, 2_000) as nodes, ValkeyCluster("127.0.0.1", min(nodes)) as cluster:
        key = cluster_file.store(cluster, "model.bin", original, 4_096)[0]
        print(f"存着第 0 片的主节点 {kill_owner(nodes, cluster, key)} 被杀死")
        start = time.monotonic()
        try:
            cluster.get(key)
        except e.ConnectionError as error:
            print(f"客户端自己的重试不够：{type(error).__name__}")
        same = patient(cluster, lambda: cluster_file.load(cluster, "model.bin")) == original
        print(f"≈ {time.monotonic() - start:.1f} 秒后又能读了")
        print(f"文件逐位相同：{same}；接管的节点 {kill_owner(nodes, cluster, key)} 也被杀死")
        wait_until(lambda: lost_slots(nodes), "集群还没有发现少了一组")
        try:
            patient(cluster, lambda: cluster_file.load(cluster, "model.bin"), limit_s=1)
        except TimeoutError as error:
            print(f"没有节点管的槽：{lost_slots(nodes)}；读文件：{error}")
