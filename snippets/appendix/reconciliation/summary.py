"""一共对了多少行，各有多少在容差之内？"""

from appendix.reconciliation.reconcile import read
from appendix.reconciliation.report import within
from appendix.reconciliation.words import kinds, topics


def count(**wanted: str) -> tuple[int, int]:
    """符合条件的行数，和其中在容差之内的行数。"""
    rows = [row for row in read() if all(row[key] == v for key, v in wanted.items())]
    return sum(map(within, rows)), len(rows)


if __name__ == "__main__":
    good, rows = count()
    print(f"共 {rows} 行，在容差之内 {good} 行")
    for kind, name in kinds.items():
        good, rows = count(kind=kind)
        print(f"{name} {rows} 行，在容差之内 {good} 行")
        print(
            "  "
            + "，".join(
                f"{topics[topic]} {n}"
                for topic in topics
                if (n := count(kind=kind, topic=topic)[1])
            )
        )
    close = sum(abs(row["error"]) <= 0.01 for row in read() if row["kind"] == "reproduces")
    print(f"复现的行里，误差不超过 1% 的有 {close} 行")
