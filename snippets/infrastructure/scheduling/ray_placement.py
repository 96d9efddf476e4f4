"""在真正的 Ray 集群上，一组资源怎样要求放在一起、分开放，或放在有某样东西的节点？"""

import contextlib

import ray
from ray.util import placement_group, placement_group_table, remove_placement_group
from ray.util.placement_group import PlacementGroup

from coding.compute.ray_cluster import local_cluster


@contextlib.contextmanager
def reserve(bundles: list[dict[str, float]], strategy: str):
    """预留一组资源，用完归还。得到 placement group；它是否已经凑齐，看 homes。"""
    group = placement_group(bundles, strategy=strategy)
    try:
        yield group
    finally:
        remove_placement_group(group)


def homes(group: PlacementGroup, wait_s: float) -> list[str] | None:
    """各份资源在哪个节点；等 wait_s 秒还没有凑齐，返回 None，这时一份也没有拿。"""
    if not group.wait(wait_s):
        return None
    names = {node["NodeID"]: node["NodeName"] for node in ray.nodes()}
    placed = placement_group_table(group)["bundles_to_node_id"]
    return [names[placed[i]] for i in sorted(placed)]


if __name__ == "__main__":
    # 资源是记账用的数字：没有 GPU 的机器也可以声明四张，Ray 只管发到几张为止
    extra = [{"num_gpus": 4}, {"num_gpus": 4, "resources": {"nvme": 1}}]
    one = {"GPU": 1}
    with local_cluster(nodes=2, extra=extra):
        for wish, bundles, strategy, patience_s in (
            ("四张在一台（STRICT_PACK）", [one] * 4, "STRICT_PACK", 60),
            ("五张尽量在一台（PACK）", [one] * 5, "PACK", 60),
            ("两张在两台（STRICT_SPREAD）", [one] * 2, "STRICT_SPREAD", 60),
            # 放不下的会一直等，这里只等一秒
            ("五张在一台（STRICT_PACK）", [one] * 5, "STRICT_PACK", 1),
            ("三张在三台（STRICT_SPREAD）", [one] * 3, "STRICT_SPREAD", 1),
            ("两张，各要一块本地盘，全集群只有一块", [one | {"nvme": 1}] * 2, "PACK", 1),
        ):
            with reserve(bundles, strategy) as group:
                nodes = homes(group, patience_s)
            where = f"给了，在 {len(set(nodes))} 台上" if nodes else "一直等，一张也不占"
            print(f"{wish}：{where}")
