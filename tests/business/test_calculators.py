"""“算自己的账”：页面里的 JavaScript 与发布的 Python 函数算得一样，标记与函数对得上。"""

import gzip
import inspect
import json
import math
import random
import re
from decimal import Decimal
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from py_mini_racer import MiniRacer
from tests.calculators import CALCULATORS, Calculator, pairs, shown
from tests.javascript import published, translate

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "docs/assets"
PROMISED = ("applications", "cloud", "inference", "training_cost")
each = pytest.mark.parametrize("calculator", CALCULATORS, ids=lambda c: c.page.stem)


def test_each_promised_page_has_a_calculator():
    assert tuple(calculator.page.stem for calculator in CALCULATORS) == PROMISED


def test_formulas_are_the_translation_of_the_snippets(update):
    names = sorted({o["data-function"] for c in CALCULATORS for o in c.outputs})
    file, code = ASSETS / "formulas.js", translate([*map(published, names)])
    if update:
        file.write_text(code)
    assert file.exists() and file.read_text() == code, (
        "docs/assets/formulas.js: 与片段里的公式对不上；运行 pytest --update -k calculators，再看 git diff"
    )


@pytest.fixture(scope="module")
def javascript():
    """calculator.js 里不碰页面的函数，在 V8 里直接调用。"""
    with MiniRacer() as context:
        for name in ("formulas.js", "calculator.js"):
            context.eval((ASSETS / name).read_text())
        context.eval("""
            const run = (inputs, outputs, samples) => {
              const results = outputs.map((output) =>
                ({ name: output.name, formula: output["data-function"], given: output["data-arguments"] }));
              return samples.map((typed) => {
                const values = inputs.map(({ name, "data-scale": scale }) => [name, toArgument(typed[name], scale)]);
                try {
                  const all = evaluate(results, Object.fromEntries(values));
                  return { values: results.map(({ name }) => String(all[name])) };
                } catch ({ message, sources }) { return { message, sources: Object.fromEntries(sources) }; }
              });
            };""")

        def call(function: str, *arguments):
            given = ", ".join(json.dumps(argument) for argument in arguments)
            return json.loads(context.eval(f"JSON.stringify({function}({given}))"))

        yield call


def run(javascript, calculator: Calculator, samples: list[dict[str, str]]) -> list[dict]:
    typed = [{name: float(text) for name, text in one.items()} for one in samples]
    return javascript("run", calculator.inputs, calculator.outputs, typed)


def python(calculator: Calculator, typed: dict[str, str]) -> list[float] | str:
    try:
        return list(calculator.evaluate(typed).values())
    except ZeroDivisionError:  # 文字因 Python 的版本而异
        return "division by zero"
    except (ValueError, OverflowError) as error:
        return str(error)


def same_message(text: str) -> str:
    """数字在两种语言里写法不同：1.0 与 1，inf 与 Infinity。"""
    text = text.replace("Infinity", "inf").replace("NaN", "nan")
    return re.sub(r"-?(?:\d[\d.]*(?:e[+-]?\d+)?|inf)", lambda n: repr(float(n[0]) + 0.0), text)


@each
def test_results_equal_those_of_the_published_functions(calculator, javascript):
    """三千组输入，一半会越界：每个结果到最后一位都相同，报错的文字也相同。"""
    samples = calculator.samples(1_500) + calculator.samples(1_500, invalid=True)
    refused = 0
    for typed, ours in zip(samples, run(javascript, calculator, samples)):
        expected = python(calculator, typed)
        if isinstance(expected, str):
            refused += 1
            assert same_message(ours["message"]) == same_message(expected), typed
        else:
            assert [float(number) for number in ours["values"]] == expected, typed
    assert 200 < refused < 2_500, f"{refused} 组被拒绝：随机输入要兼有算得出和算不出的"


@each
def test_what_is_refused_within_the_ranges_names_an_input(calculator, javascript):
    """每个数都在页面允许的范围里，公式还可能拒绝某种组合：报错要指得出是哪个输入。"""
    names, samples = {field["name"] for field in calculator.inputs}, calculator.samples(2_000)
    refused = [one for one in run(javascript, calculator, samples) if "message" in one]
    assert len(refused) < len(samples) / 2, f"{calculator.page.name}: 范围太宽，多半算不出"
    for one in refused:
        arguments = re.findall(r"[a-z]\w*", one["message"].partition("，收到")[0])
        named = {one["sources"].get(argument) for argument in arguments}
        assert named and named <= names, f"{calculator.page.name}: {one['message']}"


@each
def test_numbers_are_written_as_in_python(calculator, javascript):
    choose = random.Random(1)
    for field in calculator.outputs:
        attributes = {k.removeprefix("data-"): v for k, v in field.items() if k.startswith("data-")}
        smallest = 10 if "exponent" in attributes else -4
        values = [choose.uniform(-10, 10) * 10.0 ** (smallest + n) for n in range(13)]
        for value in (*values, math.inf, -math.inf, math.nan):
            assert javascript("shown", value, attributes) == shown(value, field), value


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        (0.125, {"digits": 2}, "0.13"),  # 正好在中间：进位，Python 的格式化会舍成偶数
        (-2.5, {"digits": 0}, "-3"),
        (1.125e18, {"digits": 2, "exponent": ""}, "1.13e+18"),
        (-0.004, {"digits": 2}, "0.00"),
        (-1234567.891, {"digits": 1, "unit": " 年"}, "-1,234,567.9 年"),
        (0.07, {"digits": 0, "scale": "/100", "unit": "%"}, "7%"),
        (2.5e7, {"digits": 1, "scale": "1e4"}, "2,500.0"),
        (math.inf, {"digits": 2, "infinity": "收不回"}, "收不回"),
        (math.nan, {"digits": 2, "unit": "%"}, "—"),
    ],
)
def test_edge_numbers(value, how, text, javascript):
    assert javascript("shown", value, how) == text
    assert shown(value, {f"data-{key}": str(word) for key, word in how.items()}) == text


@each
def test_markup_feeds_every_argument_of_existing_functions(calculator):
    place, known = calculator.page.relative_to(ROOT), [f["name"] for f in calculator.inputs]
    used = set()
    for output in calculator.outputs:
        signature = inspect.signature(published(output["data-function"])).parameters
        given = pairs(output["data-arguments"])
        assert set(given) <= set(signature), f"{place}: {output['name']} 多了参数"
        required = {n for n, p in signature.items() if p.default is p.empty}
        assert required <= set(given), f"{place}: {output['name']} 缺 {required - set(given)}"
        forgotten = {n for n in signature if n in known and n not in given}
        assert not forgotten, f"{place}: {output['name']} 没有用上同名的输入 {forgotten}"
        for source in given.values():
            is_number = re.fullmatch(r"\d+(\.\d+)?", source)
            assert is_number or source in known, f"{place}: {source} 不是输入，也不是前面的结果"
        used |= set(given.values())
        known.append(output["name"])
    assert len(known) == len(set(known)), f"{place}: 名字重复"
    unused = {field["name"] for field in calculator.inputs} - used
    assert not unused, f"{place}: 没有结果用到 {unused}"
    labels = [field["label"] for field in calculator.inputs + calculator.outputs]
    assert all(labels) and len(labels) == len(set(labels)), f"{place}: 每项要有自己的标签"
    units = [field for field in calculator.inputs if not re.search(r"（.+）$", field["label"])]
    assert not units, f"{place}: 输入的标签以（单位）结尾"
    for field in calculator.inputs:
        low, value, high = (float(field[key]) for key in ("min", "value", "max"))
        assert field["type"] == "number" and low <= value <= high
        steps = (Decimal(field["value"]) - Decimal(field["min"])) / Decimal(field["step"])
        assert steps == int(steps), f"{place}: {field['name']} 从 min 起按 step 走不到默认值"
    figure, at = calculator.figure, {field["name"]: field for field in calculator.inputs}
    start, end = float(figure["data-from"]), float(figure["data-to"])
    x = at[figure["data-x"]]
    assert float(x["min"]) <= start < end <= float(x["max"]), f"{place}: 横轴超出输入的范围"
    curves = figure["data-curves"].split()
    assert set(curves) <= set(known) and curves[0] not in at, f"{place}: data-curves"
    assert "hidden" in calculator.form, f"{place}: 没有 JavaScript 时，不显示空的表单"
    assert calculator.form["autocomplete"] == "off", f"{place}: 后退时浏览器会填回旧的数"
    assert "<noscript>" in calculator.page.read_text(), f"{place}: 缺 <noscript>"


@each
def test_default_values_give_the_numbers_printed_on_the_page(calculator):
    """没有 JavaScript 时，读者看到的例子就是片段的输出；默认值算出的数要与它相同。"""
    text, compared = calculator.page.read_text(), 0
    for output, answer in zip(calculator.outputs, calculator.shown(calculator.defaults())):
        if file := output.get("data-printed"):
            compared += 1
            assert f'--8<-- "{file}"' in text, f"{calculator.page}: 页面没有引入 {file}"
            number = re.escape(answer.removesuffix(output.get("data-unit", "")))
            printed = (ROOT / "snippets" / file).read_text()
            assert re.search(rf"(?<![\d.,]){number}(?![\d.,]*\d)", printed), (
                f"{calculator.page}: {output['name']} 的默认结果 {answer} 不在 {file} 里"
            )
    assert compared, f"{calculator.page}: 至少有一个结果用 data-printed 指向打印过它的输出"


def test_scripts_are_small_and_need_nothing_else():
    """不请求任何东西，不执行字符串，不写内联的样式和事件：从磁盘打开、在严格的 CSP 下都能用。"""
    scripts = [(ASSETS / name).read_text() for name in ("formulas.js", "calculator.js")]
    assert sum(len(gzip.compress(script.encode(), mtime=0)) for script in scripts) < 8_000
    for script in scripts:
        found = re.search(
            r"https?://(?!www\.w3\.org/2000/svg)|eval\(|fetch|import|innerHTML|style|\bon\w+=",
            script,
        )
        assert not found, found[0]


# 翻译器：认识的写法，行为与 Python 相同；不认识的，写明文件、行号和写法。

KNOWN = """
import math
from math import inf
rate = 8_760 / 12

def check(**amounts):
    for name, value in amounts.items():
        if not 0 <= value < inf:
            raise ValueError(f"{name} 不行，收到 {value}")

def f(a, b, c=2, d=-0.5):
    '''文档。'''
    check(a=a, d=d + 1)
    if a > b and not b == 1 or c != 2:
        raise ValueError(f"{a}{b}")
    if a == 3:
        return float("-inf")
    check(b=b)
    ratio = (a - -b) / c ** 2 * rate
    highest = max(ratio, 1, b / (a - 1.5)) - min(a, math.sqrt(b - 1))
    return highest + (g(d, y=a) if a < b < 9 else -ratio) / 3

def g(x, y=1):
    return (3 * (1 - y)) ** x - (x - (y - math.sqrt(y)))
"""


def load(code: str, folder: Path):
    spec = spec_from_file_location("published_formula", folder / "published_formula.py")
    Path(spec.origin).write_text(code)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_known_constructs_keep_the_behaviour_of_python(tmp_path):
    module = load(KNOWN, tmp_path)
    choose, pool = random.Random(2), (-1.0, 0.0, 1.0, 1.5, 2.0, 3.0, 8.0, 1e300, math.inf)
    seen = set()
    with MiniRacer() as context:
        context.eval(translate([module.f]))
        for _ in range(2_000):
            given = dict(zip("abcd", choose.choices(pool, k=choose.choice((2, 3, 4)))))
            sent = json.dumps(given)
            ours = context.eval(f"""(() => {{ try {{ return formulas["published_formula.f"]({sent}); }}
              catch (error) {{ return String(error.message); }} }})()""")
            try:
                expected = module.f(**given)
                assert not isinstance(expected, complex), "负数的分数次方"
            except (ValueError, ArithmeticError, AssertionError) as error:
                seen.add(type(error))
                assert isinstance(ours, str), f"{given}: Python 报错 {error}，JavaScript 得 {ours}"
                if "不行" in str(error):
                    assert same_message(ours) == same_message(str(error))
            else:
                assert ours == pytest.approx(expected, rel=1e-12, nan_ok=True), given
    assert {ValueError, ZeroDivisionError, OverflowError, AssertionError} <= seen


@pytest.mark.parametrize(
    "line",
    [
        "return a % 2",
        "return a // 2",
        "return [a]",
        "return a if a else 1",
        "return round(a)",
        "return unknown",
        "return 2**53 + a - 9007199254740993",
        "return g(**{'a': a})",
        "return 'text'",
        "return 1 if a is a else 0",
        "return",
        "a = 1",
        "a += 1",
        "b, c = 1, 2",
        "print(a)",
        "if a > 1: return a\n    else: return 1",
        "if a > 1: b = 1",
        "assert a",
        "raise TypeError(f'{a}')",
        "raise ValueError(f'{a:.2f}')",
        "raise ValueError(f'{a!r}')",
        "while a: a = 1",
        "for i in range(3): a",
        "with a: pass",
        "try: return a\n    except ValueError: return 1",
    ],
)
def test_unknown_constructs_are_refused_with_their_place(line, tmp_path):
    module = load(f"def g(a):\n    return a\n\n\ndef f(a):\n    {line}\n    return a\n", tmp_path)
    with pytest.raises(NotImplementedError, match=r"published_formula\.py:6: 不会把 \w+“.+”翻译"):
        translate([module.f])


@pytest.mark.parametrize(
    "head",
    ["def f(*a)", "def f(a, /)", "def f(*, a)", "def f(a, **b)", "@(lambda g: g)\ndef f(a)"],
)
def test_unknown_parameters_are_refused(head, tmp_path):
    module = load(f"{head}:\n    return 1\n", tmp_path)
    with pytest.raises(NotImplementedError, match=r"published_formula\.py:[12]: .*参数写成"):
        translate([module.f])
