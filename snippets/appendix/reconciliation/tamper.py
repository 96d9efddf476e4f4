"""把任意一个数改动 10%，会被发现吗？"""

from collections import Counter
from collections.abc import Iterator

from appendix.reconciliation.reconcile import check, read
from appendix.reconciliation.reproduces import lines


def altered(row: dict, share: float = 0.1) -> Iterator[dict]:
    """把公布值和每一个输入分别调高、调低 share，每次只改一个，逐个给出改过的行。"""
    cells = {name: cell for name, cell in row.items() if isinstance(cell, str)}
    pairs = dict(pair.split("=") for pair in row["inputs"].split())
    for factor in (1 - share, 1 + share):
        yield cells | {"published": repr(float(row["published"]) * factor)}
        for name in pairs:
            changed = pairs | {name: repr(float(pairs[name]) * factor)}
            yield cells | {"inputs": " ".join(f"{key}={n}" for key, n in changed.items())}


def noticed(before: dict, after: dict) -> str:
    """靠什么发现的；没有发现就是“漏掉”。"""
    try:
        now = check(after)
    except ValueError:
        return "公式拒绝"
    if not now["within"]:
        return "超出容差"
    return "漏掉" if lines(now) == lines(before) else "印出的行变了"


if __name__ == "__main__":
    found = Counter(noticed(row, copy) for row in read() for copy in altered(row))
    print(f"每次改一个数，一共改 {found.total():,} 次，漏掉 {found['漏掉']} 次")
    for how in ("超出容差", "公式拒绝", "印出的行变了"):
        print(f"{how}：{found[how]:,} 次，占 {found[how] / found.total():.1%}")
