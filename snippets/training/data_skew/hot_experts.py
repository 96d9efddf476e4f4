"""MoE 里专家有忙有闲，多放几份热专家能拉平多少？负载变了还平吗？"""

import random


def replicas(loads: list[float], slots: int) -> list[int]:
    """把 slots 个位置分给各专家，每次多给单份负载最重的那个一份；每个专家至少一份。"""
    if slots < len(loads):
        raise ValueError(f"slots 至少是专家数 {len(loads)}，收到 {slots}")
    counts = [1] * len(loads)
    for _ in range(slots - len(loads)):
        heaviest = max(range(len(loads)), key=lambda e: loads[e] / counts[e])
        counts[heaviest] += 1
    return counts


def place(loads: list[float], counts: list[int], gpus: int) -> list[list[int]]:
    """各 GPU 放哪些专家：从重到轻，放到还有空位、目前最闲的那张。每张卡位置数相同。"""
    if sum(counts) % gpus:
        raise ValueError(f"{sum(counts)} 份专家不能平分给 {gpus} 张 GPU")
    share = [load / count for load, count in zip(loads, counts)]
    pieces = sorted((e for e, n in enumerate(counts) for _ in range(n)), key=lambda e: -share[e])
    homes: list[list[int]] = [[] for _ in range(gpus)]
    for expert in pieces:
        open_homes = [home for home in homes if len(home) < len(pieces) // gpus]
        min(open_homes, key=lambda home: sum(share[e] for e in home)).append(expert)
    return homes


def busiest_over_mean(homes: list[list[int]], loads: list[float]) -> float:
    """每一层都要等最忙的 GPU，所以它就是慢了几倍。同一专家的各份平分负载。"""
    copies = [sum(home.count(e) for home in homes) for e in range(len(loads))]
    busy = [sum(loads[e] / copies[e] for e in home) for home in homes]
    return max(busy) * len(busy) / sum(busy)


if __name__ == "__main__":
    experts, gpus, rng = 64, 8, random.Random(0)
    loads = [1 / (rank + 1) for rank in range(experts)]  # 合成的 Zipf 负载
    rng.shuffle(loads)
    once = [1] * experts
    in_turn = [list(range(experts))[g::gpus] for g in range(gpus)]
    print(f"{experts} 个专家，{gpus} 张 GPU，最热的专家占全部负载的 {max(loads) / sum(loads):.0%}")
    print(f"轮流放：最忙是平均的 {busiest_over_mean(in_turn, loads):.2f} 倍")
    print(f"按负载放：{busiest_over_mean(place(loads, once, gpus), loads):.2f} 倍")
    homes = place(loads, replicas(loads, experts + 8), gpus)
    print(f"多放 8 份再按负载放：{busiest_over_mean(homes, loads):.2f} 倍")
    rng.shuffle(loads)  # 换了一批请求，热的是另一些专家
    print(f"位置不变，负载换了：{busiest_over_mean(homes, loads):.2f} 倍")
    homes = place(loads, replicas(loads, experts + 8), gpus)
    print(f"按新负载重放：{busiest_over_mean(homes, loads):.2f} 倍")
