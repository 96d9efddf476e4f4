"""知名的来源里，哪些数写错了？正确的是多少？"""

from pathlib import Path

from appendix.reconciliation.reconcile import compute, read
from appendix.reconciliation.report import number
from appendix.reconciliation.words import faults

arrows = {"error": "应为", "caution": "另一种口径"}
table = Path(__file__).with_suffix(".csv")


def right(row: dict) -> dict:
    """补上用已发布的公式算出的值 right。"""
    return row | {"right": compute(row, kind=faults)}


def lines(row: dict) -> str:
    """四行：是什么；来源印的数 → 算出来的数；原因；来源、日期。"""
    printed = f"{float(row['published']):,.10g}".replace("e+", "e")
    return (
        f"{row['id']:<6}{row['what']}\n"
        f"      {printed} → {number(row['right'], row)}\n"
        f"      {row['why']}\n      {row['source']}，{row['date']}"
    )


if __name__ == "__main__":
    rows = read(table, right)
    tables = []
    for kind, heading in faults.items():
        chosen = [row for row in rows if row["kind"] == kind]
        title = f"{heading}（{len(chosen)} 处），印着的数 → {arrows[kind]}的数"
        tables.append("\n".join([title, *map(lines, chosen)]))
    print(*tables, sep="\n\n")
