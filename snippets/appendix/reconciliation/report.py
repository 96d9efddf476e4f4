"""一行对账怎样印，才看得出公布多少、本站算出多少、差多少？"""

from decimal import Decimal
from pathlib import Path

from appendix.reconciliation.reconcile import read
from appendix.reconciliation.words import labels, topics


def within(row: dict) -> bool:
    return abs(row["error"]) <= row["limit"]


def number(value: float, row: dict) -> str:
    """value 连同单位：比公布值印的位数多两位，至少六位，改动任何一个输入都看得见。"""
    digits = max(6, len(Decimal(row["published"]).as_tuple().digits) + 2)
    text = f"{value:,.{digits}g}".replace("e+", "e")
    return f"{text}{'' if row['unit'] == '%' else ' '}{row['unit']}"


def lines(row: dict) -> str:
    """三行：公布值 → 本站值，相对误差与容差；是什么；来源、日期。"""
    published = f"{Decimal(row['published']):,}".lower().replace("e+", "e")
    error = (
        f"{round(row['error'], 5) + 0.0:+.3%} {'≤' if within(row) else '超出'} {row['tolerance']}"
    )
    return (
        f"{row['id']:<6}{published} → {number(row['ours'], row)}，{error}\n"
        f"      {row['what']}\n      {row['source']}，{row['date']}"
    )


def show(kind: str) -> None:
    """按主题印出一种行。"""
    print(f"编号  {labels[kind]} → 本站，误差 ≤ 容差")
    for topic, heading in topics.items():
        if rows := [row for row in read() if (row["topic"], row["kind"]) == (topic, kind)]:
            print(f"\n{heading}（{len(rows)} 行）", *map(lines, rows), sep="\n")


def users(script: str) -> list[str]:
    """这个文件里的公式，各被哪几行用到。"""
    module, found = Path(script).stem, {}
    for row in read():
        *_, place, name = row["model"].split(".")
        if place == module:
            found.setdefault(name, []).append(row["id"])
    return [f"{name}：{'、'.join(ids)}" for name, ids in found.items()]


if __name__ == "__main__":
    print(lines(read()[1]))
