"""两个任务各要三张，一共四张：在真正的 Ray 上，逐个要和成组要，差别是什么？"""

import ray
from ray.util import remove_placement_group

from coding.compute.ray_cluster import local_cluster
from infrastructure.scheduling.ray_placement import homes, reserve


@ray.remote(num_cpus=0, num_gpus=1)
class Member:
    """一个训练进程，占一张 GPU。"""

    def ready(self) -> bool:
        return True


def one_by_one(teams: list[str], need: int, gpus: int) -> dict[str, int]:
    """各队轮流要一张，拿到的不放手。返回各队拿到几张；最后全部归还。"""
    members, held = [], dict.fromkeys(teams, 0)
    try:
        for _ in range(need):
            for team in teams:
                members.append(Member.remote())
                patience = 60 if sum(held.values()) < gpus else 1  # 没有空的，不必久等
                got, _ = ray.wait([members[-1].ready.remote()], timeout=patience)
                held[team] += len(got)
    finally:
        for member in members:
            ray.kill(member)
    return held


def usable(timeout_s: float = 60) -> bool:
    """现在能不能再起一个进程：有没有谁也没占的 GPU。"""
    member = Member.remote()
    try:
        return bool(ray.wait([member.ready.remote()], timeout=timeout_s)[0])
    finally:
        ray.kill(member)


if __name__ == "__main__":
    gpus, need = 4, 3
    with local_cluster(nodes=1, extra=[{"num_gpus": gpus}]):
        print(f"共 {gpus} 张 GPU，甲、乙各要 {need} 张")
        held = one_by_one(["甲", "乙"], need, gpus)
        full = sum(n == need for n in held.values())
        print(f"逐个要：甲拿到 {held['甲']} 张，乙拿到 {held['乙']} 张，{full} 个凑齐")
        bundles = [{"GPU": 1}] * need
        with reserve(bundles, "PACK") as first:
            print(f"成组要：甲拿到 {len(homes(first, 60))} 张", end="，")
            with reserve(bundles, "PACK") as second:
                print("乙一直等" if homes(second, 1) is None else "乙也拿到了", end="；")
                print(f"乙等的时候，剩下的一张别人还能用：{usable()}")
                remove_placement_group(first)  # 甲归还
                print(f"甲归还之后：乙的 {len(homes(second, 60))} 张一起到手")
