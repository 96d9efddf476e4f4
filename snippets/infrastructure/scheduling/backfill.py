"""队首的大作业在等节点，后面的小作业能不能先跑？"""

import heapq

Job = tuple[str, int, int]  # 名字、节点数、申报的小时数（到点强制结束）


def starts(jobs: list[Job], nodes: int, policy: str) -> dict[str, int]:
    """各作业的开始时刻（小时）。作业都在零时提交，列表顺序就是优先级。

    strict：队首起不来，后面都等。greedy：谁放得下谁先跑。
    backfill：给队首预定时刻，后面的作业在那之前能结束才可以先跑（EASY 的保守形式）。
    """
    if policy not in ("strict", "greedy", "backfill"):
        raise ValueError(f"policy 必须是 strict、greedy 或 backfill，收到 {policy}")
    for name, need, _ in jobs:
        if not 1 <= need <= nodes:
            raise ValueError(f"作业 {name} 要 {need} 个节点，允许 1 到 {nodes} 个")
    waiting, running, now, free, began = list(jobs), [], 0, nodes, {}
    while waiting:
        deadline = None  # 队首起不来时，它预定的开始时刻
        for job in list(waiting):
            name, need, hours = job
            in_time = deadline is None or policy == "greedy" or now + hours <= deadline
            if need <= free and in_time:
                waiting.remove(job)
                heapq.heappush(running, (now + hours, need))
                free, began[name] = free - need, now
            elif deadline is None:
                if policy == "strict":
                    break
                available = free
                for end, count in sorted(running):
                    available += count
                    if available >= need:
                        deadline = end
                        break
        now, count = heapq.heappop(running)
        free += count
    return began


if __name__ == "__main__":
    jobs = [("甲", 3, 4), ("乙", 4, 2), ("丙", 1, 3), ("丁", 1, 6)]
    print("4 个节点；作业（节点数 × 小时）：" + "，".join(f"{n} {k}×{h}" for n, k, h in jobs))
    for policy, label in (("strict", "严格排队"), ("greedy", "见缝插针"), ("backfill", "回填")):
        began = starts(jobs, 4, policy)
        waits = "，".join(f"{name} {began[name]}" for name, _, _ in jobs)
        print(f"{label}：开始时刻 {waits}；平均等待 {sum(began.values()) / len(jobs):.2f} 小时")
