"""页面里的计算器，从 Markdown 里读出来，用发布的 Python 函数算：JavaScript 的结果与它比。"""

import math
import random
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from html.parser import HTMLParser
from pathlib import Path

from tests.javascript import published

ROOT = Path(__file__).parents[1]


class Calculator(HTMLParser):
    """一张表单：inputs、outputs 和 figure 是标签上的属性，次序与页面相同。"""

    def __init__(self, page: Path):
        super().__init__()
        self.page, self.inputs, self.outputs, self.text = page, [], [], ""
        self.feed(re.search(r"<form.*?</form>", page.read_text(), flags=re.S)[0])

    def handle_starttag(self, tag, attributes):
        field = dict(attributes) | {"label": self.text.strip()}
        if tag == "input":
            self.inputs.append(field)
        elif tag == "output":
            self.outputs.append(field)
        elif tag in ("figure", "form"):
            setattr(self, tag, field)
        self.text = ""

    def handle_data(self, text):
        self.text += text

    def evaluate(self, typed: dict[str, str]) -> dict[str, float]:
        """填了 typed（页面上的单位）之后的每个结果；公式拒绝时抛出它的 ValueError。"""
        known = {i["name"]: argument(typed[i["name"]], i) for i in self.inputs}
        for output in self.outputs:
            given = {k: float(known.get(v, v)) for k, v in pairs(output["data-arguments"]).items()}
            known[output["name"]] = published(output["data-function"])(**given)
        return {output["name"]: known[output["name"]] for output in self.outputs}

    def shown(self, typed: dict[str, str]) -> list[str]:
        known = self.evaluate(typed)
        return [shown(known[output["name"]], output) for output in self.outputs]

    def defaults(self) -> dict[str, str]:
        return {field["name"]: field["value"] for field in self.inputs}

    def samples(self, count: int, invalid: bool = False) -> list[dict[str, str]]:
        """每次都相同的随机输入；invalid 时每八个数里约有一个越界。"""
        choose = random.Random(self.page.stem)
        return [
            {field["name"]: number(choose, field, invalid) for field in self.inputs}
            for _ in range(count)
        ]


def number(choose: random.Random, field: dict[str, str], invalid: bool) -> str:
    low, high = float(field["min"]), float(field["max"])
    if invalid and choose.random() < 1 / 8:
        return choose.choice(["-1", "0", "-0.0", "1e300", "inf", "nan", f"{high * 1.001:.6g}"])
    # 多数在默认值附近；其余取两端，或在对数上均匀：上限往往比常用的数大几个数量级
    small = max(low, high / 1e6)
    spread = small * (high / small) ** choose.random()
    near = float(field["value"]) * choose.uniform(0.3, 3)
    picked = choose.choice([low, high, spread, near, near, near, near])
    return f"{min(high, max(low, float(f'{picked:.4g}'))):.15g}"


def pairs(text: str) -> dict[str, str]:
    return {key: source or key for key, _, source in (p.partition("=") for p in text.split())}


def argument(typed: str, field: dict[str, str]) -> float:
    scale = field.get("data-scale", "1")
    return float(typed) / float(scale[1:]) if scale[0] == "/" else float(typed) * float(scale)


def shown(value: float, field: dict[str, str]) -> str:
    """读者看到的文字：像 f"{value:z,.2f}"，但正好在中间时进位，这是 JavaScript 的规矩。"""
    if not math.isfinite(value):
        return field.get("data-infinity", "∞") if value == math.inf else "—"
    scale, digits = field.get("data-scale", "1"), int(field["data-digits"])
    exact = Decimal(value * float(scale[1:]) if scale[0] == "/" else value / float(scale))
    if "data-exponent" in field:
        text = f"{Context(digits + 1, ROUND_HALF_UP).plus(exact):.{digits}e}"
    else:
        text = f"{exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, Context(100)):z,}"
    return text + field.get("data-unit", "")


CALCULATORS = [
    Calculator(page)
    for page in sorted((ROOT / "docs").rglob("*.md"))
    if 'class="calculator"' in page.read_text()
]
