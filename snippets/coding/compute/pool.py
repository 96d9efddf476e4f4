"""怎样把一个大任务拆分、分配给多个进程，再按原顺序汇总？"""

from concurrent.futures import ProcessPoolExecutor


def split(items: list[int], parts: int) -> list[list[int]]:
    """把 items 切成 parts 段连续的小任务，各段长度最多相差一。

    parts 小于一时抛出 ValueError；parts 多于元素个数时，多出的段为空。
    """
    if parts < 1:
        raise ValueError(f"parts 必须是正整数，收到 {parts}")
    size, extra = divmod(len(items), parts)
    starts = [i * size + min(i, extra) for i in range(parts + 1)]
    return [items[a:b] for a, b in zip(starts, starts[1:])]


def sum_of_squares(chunk: list[int]) -> int:
    return sum(x * x for x in chunk)


def distribute(items: list[int], workers: int) -> list[int]:
    """返回各段的部分和。map 按提交顺序给出结果，与谁先算完无关。"""
    with ProcessPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(sum_of_squares, split(items, workers)))


if __name__ == "__main__":
    workers = 4
    partial_sums = distribute(list(range(1, 10_001)), workers)  # 拆分、分配
    for worker, partial in enumerate(partial_sums):
        print(f"第 {worker} 段：{partial:>15,}")
    print(f"汇总：{sum(partial_sums):,}")
