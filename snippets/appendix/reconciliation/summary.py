"""一共对了多少行，各有多少在容差之内？"""

from pathlib import Path

from appendix.reconciliation.reconcile import kinds, read


def count(**wanted: str) -> tuple[int, int]:
    """符合条件的行数，和其中在容差之内的行数。"""
    rows = [row for row in read() if all(row[key] == v for key, v in wanted.items())]
    return sum(row["within"] for row in rows), len(rows)


def users(script: str) -> list[str]:
    """这个文件里的公式，各被哪几行用到。"""
    module, found = Path(script).stem, {}
    for row in read():
        *_, place, name = row["model"].split(".")
        if place == module:
            found.setdefault(name, []).append(row["id"])
    return [f"{name}：{'、'.join(ids)}" for name, ids in found.items()]


if __name__ == "__main__":
    for kind, name in kinds.items():
        good, rows = count(kind=kind)
        print(f"{name} {rows} 行，在容差之内 {good} 行")
    close = [
        row["id"] for row in read() if row["kind"] == "reproduces" and abs(row["error"]) <= 0.01
    ]
    print(f"复现的行里，误差不超过 1% 的有 {len(close)} 行")
