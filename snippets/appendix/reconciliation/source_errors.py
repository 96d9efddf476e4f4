"""知名的来源里，哪些数写错了？正确的是多少？"""

from pathlib import Path

from appendix.reconciliation.reconcile import compute, read
from appendix.reconciliation.reproduces import number

table = Path(__file__).with_suffix(".csv")
faults = {
    "error": "算错或写错，印着的数 → 应为的数",
    "caution": "没有算错，但容易误读，印着的数 → 另一种口径的数",
}


def right(row: dict) -> dict:
    """补上用已发布的公式算出的值 right。"""
    return row | {"right": compute(row, faults)}


def lines(row: dict) -> str:
    """四行：是什么；来源印的数 → 算出来的数；原因；日期、来源。"""
    printed = f"{float(row['published']):,.10g}".replace("e+", "e")
    return (
        f"{row['id']:<6}{row['what']}\n"
        f"  {printed} → {number(row['right'], row)}\n"
        f"  {row['why']}\n  {row['date']}，{row['source']}"
    )


if __name__ == "__main__":
    tables = []
    for kind, heading in faults.items():
        chosen = [lines(row) for row in read(table, right) if row["kind"] == kind]
        tables.append("\n".join([f"{heading}（{len(chosen)} 处）", *chosen]))
    print(*tables, sep="\n\n")
