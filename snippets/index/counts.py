"""这本书有多少东西是验证过的？"""

import re
from pathlib import Path

from appendix.reconciliation.summary import count

root = Path(__file__).parents[2]


def counts() -> dict[str, int]:
    """各类文件和条目的个数，直接从本书的文件里数。"""
    facts = (root / "docs/appendix/facts.md").read_text()
    errata = (root / "docs/appendix/errata.md").read_text()
    return {
        "页面": len(list((root / "docs").rglob("*.md"))),
        "能运行的片段": len(list((root / "snippets").rglob("*.py"))),
        "复现的公布数": count(kind="reproduces")[0],
        "有出处的事实": len(re.findall(r"^\| `[A-Z]", facts, flags=re.MULTILINE)),
        "原博客的勘误": len(re.findall(r"^## ", errata, flags=re.MULTILINE)),
    }


if __name__ == "__main__":
    for item, number in counts().items():
        print(f"{number:>4}  {item}")
