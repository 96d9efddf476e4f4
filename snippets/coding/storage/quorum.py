"""写 W 份、读 R 份，什么时候一定读到最后一次写入？保证不了什么？"""

from itertools import combinations, product


def missed(n: int, w: int, r: int, forgotten: int = 0) -> tuple | None:
    """找一个反例：写到了 w 个节点，其中 forgotten 个丢了数据，读 r 个却没有读到。

    返回（写的节点，丢数据的节点，读的节点）；逐一试过全部组合都没有反例，返回 None。
    """
    for written in combinations(range(n), w):
        for lost in combinations(written, forgotten):
            for asked in combinations(range(n), r):
                if not (set(written) - set(lost)) & set(asked):
                    return written, lost, asked
    return None


def goes_back(n: int, w: int, r: int) -> tuple | None:
    """再找一个反例：写入中断，只写到不足 w 个节点；先读到新值，再读又是旧值。"""
    for size in range(1, w):
        for written in combinations(range(n), size):
            for first, second in product(combinations(range(n), r), repeat=2):
                if set(written) & set(first) and not set(written) & set(second):
                    return written, first, second
    return None


def one_based(nodes: tuple) -> str:
    return "、".join(str(node + 1) for node in nodes)


if __name__ == "__main__":
    choices = [(n, w, r) for n in range(1, 6) for w in range(1, n + 1) for r in range(1, n + 1)]
    overlap = [choice for choice in choices if choice[1] + choice[2] > choice[0]]
    safe = [choice for choice in choices if missed(*choice) is None]
    print(f"1 到 5 个节点，共 {len(choices)} 种 (N, W, R)")
    print(f"没有反例的 {len(safe)} 种，正是 W + R > N 的 {len(overlap)} 种：{safe == overlap}")
    written, _, asked = missed(3, 1, 2)
    print(f"N=3、W=1、R=2：写到 {one_based(written)}，读 {one_based(asked)}，读到旧值")
    written, lost, asked = missed(3, 2, 2, forgotten=1)
    print(
        f"N=3、W=2、R=2：写到 {one_based(written)}，节点 {one_based(lost)} 丢了数据空着重启，"
        f"读 {one_based(asked)}，读不到"
    )
    written, first, second = goes_back(3, 2, 2)
    print(
        f"N=3、W=2、R=2：只写到 {one_based(written)} 就断了，"
        f"读 {one_based(first)} 得新值，再读 {one_based(second)} 得旧值"
    )
