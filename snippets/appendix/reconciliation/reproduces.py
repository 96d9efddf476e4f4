"""来源独立印出、本书的公式重新算出来的数，差多少？"""

from decimal import Decimal

from appendix.reconciliation.reconcile import kinds, read


def number(value: float, row: dict) -> str:
    """value 连同单位：比公布值印的位数多两位，至少六位，改动任何一个输入都看得见。"""
    digits = max(6, len(Decimal(row["published"]).as_tuple().digits) + 2)
    text = f"{value:,.{digits}g}".replace("e+", "e")
    return f"{text}{'' if row['unit'] == '%' else ' '}{row['unit']}"


def lines(row: dict) -> str:
    """三行：是什么；参照值 → 本站值，相对误差与容差；日期、来源。"""
    published = f"{Decimal(row['published']):,}".lower().replace("e+", "e")
    error, verdict = round(row["error"], 5) + 0.0, "≤" if row["within"] else "超出"
    return (
        f"{row['id']:<6}{row['what']}\n"
        f"  {published} → {number(row['ours'], row)}，{error:+.3%} {verdict} {row['tolerance']}\n"
        f"  {row['date']}，{row['source']}"
    )


def show(kind: str) -> None:
    """印出一种行，按主题分组。"""
    rows = [row for row in read() if row["kind"] == kind]
    print(f"{kinds[kind]}（{len(rows)} 行），参照 → 本站，误差 ≤ 容差")
    for topic in dict.fromkeys(row["topic"] for row in rows):
        group = [lines(row) for row in rows if row["topic"] == topic]
        print(f"\n{topic}（{len(group)} 行）", *group, sep="\n")


if __name__ == "__main__":
    show("reproduces")
