"""“算自己的账”，像读者那样在浏览器里用。一页只打开一次，每个测试从默认值开始。"""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from tests.calculators import CALCULATORS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
BY_NAME = {calculator.page.stem: calculator for calculator in CALCULATORS}


@pytest.fixture(scope="module", params=BY_NAME)
def opened(request, visit, address):
    page = visit(address(f"business/{request.param}"))
    page.calculator = BY_NAME[request.param]
    yield page
    page.close()


RESET = """() => {
  document.querySelector("form.calculator").reset();
  history.replaceState(null, "", location.pathname);
  return new Promise((done) => setTimeout(done));  // 结果在 reset 之后的下一轮才更新
}"""


@pytest.fixture
def page(opened):
    opened.evaluate(RESET)
    yield opened
    assert not opened.problems, opened.problems


@pytest.fixture
def fresh(visit, address):
    """另开一页：fresh("cloud", "?life_years=4")。"""
    pages = []

    def fresh(name: str, query: str = "", **options):
        pages.append(visit(address(f"business/{name}") + query, **options))
        pages[-1].calculator = BY_NAME[name]
        return pages[-1]

    yield fresh
    for page in pages:
        page.close()
        assert not page.problems, page.problems


def results(page) -> list[str]:
    return page.locator(".calculator output").all_inner_texts()


def typed(page) -> dict[str, str]:
    return {one["name"]: field(page, one["name"]).input_value() for one in page.calculator.inputs}


def announced(page) -> str:
    page.locator(".calculator [aria-live=polite]:not(:empty)").wait_for(state="attached")
    return page.locator(".calculator [aria-live=polite]").inner_text()


def field(page, name: str):
    return page.locator(f".calculator input[name={name}]")


def button(page, name: str):
    return page.get_by_role("button", name=name)


FILL_AND_READ = """(samples) => samples.map((typed) => {
  const form = document.querySelector("form.calculator");
  for (const [name, value] of Object.entries(typed)) form.elements[name].value = value;
  form.dispatchEvent(new Event("input", { bubbles: true }));
  return [...form.querySelectorAll("output")].map((output) => output.textContent);
})"""


def test_results_equal_those_of_python(page):
    calculator, compared = page.calculator, 0
    assert results(page) == calculator.shown(calculator.defaults())
    samples = calculator.samples(200)
    for one, ours in zip(samples, page.evaluate(FILL_AND_READ, samples)):
        try:
            expected = calculator.shown(one)
            compared += 1
        except ValueError:
            expected = ["—"] * len(ours)
        assert ours == expected, one
    assert compared > 100


def test_link_made_with_the_keyboard_carries_the_inputs(page):
    calculator = page.calculator
    field(page, calculator.inputs[0]["name"]).focus()
    for one in calculator.inputs:
        assert page.evaluate("document.activeElement.name") == one["name"]
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring == "solid", f"{one['name']} 没有焦点环"
        for key in ("ArrowUp", "Enter", "Tab"):
            page.keyboard.press(key)
    given, answers = typed(page), results(page)
    steps = [float(given[one["name"]]) - float(one["value"]) for one in calculator.inputs]
    assert steps == pytest.approx([float(one["step"]) for one in calculator.inputs])
    assert answers == calculator.shown(given) != calculator.shown(calculator.defaults())

    assert page.evaluate("document.activeElement.textContent") == "复制链接"
    page.keyboard.press("Enter")
    button(page, "已复制").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("#calculator")
    assert {name: text for name, (text,) in parse_qs(urlsplit(link).query).items()} == given

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # 恢复默认
    page.wait_for_url(lambda url: "?" not in url)
    assert results(page) == calculator.shown(calculator.defaults())
    page.goto(link)
    assert typed(page) == given and results(page) == answers


def test_link_ignores_the_impossible_and_keeps_the_unknown(fresh):
    query = "?h=1&life_years=4&utilisation=800&capex_usd=abc&price_usd_per_hour=&nobody=2"
    page = fresh("cloud", query)
    assert typed(page) == page.calculator.defaults() | {"life_years": "4"}
    assert results(page) == page.calculator.shown(typed(page))
    field(page, "life_years").press("ArrowUp")
    page.wait_for_url("**life_years=4.5*")
    assert "h=1" in page.url, "别人的查询参数要留下"
    if page.url.startswith("http"):  # 主题随着滚动改写 # 后面的部分；从磁盘打开时不改写
        page.mouse.wheel(0, 3000)
        page.wait_for_url(re.compile("life_years=4.5.*#."))
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    button(page, "复制链接").click()
    button(page, "链接在地址栏").wait_for()
    assert page.url.endswith("#calculator") and "life_years=4.5" in page.url
    button(page, "恢复默认").click()
    page.wait_for_url("**?h=1&nobody=2#*")


def test_going_back_shows_the_results_of_the_inputs(fresh):
    page = fresh("cloud")
    field(page, "capex_usd").fill("-1")  # 不写进链接
    field(page, "utilisation").fill("50")
    page.goto(page.url.replace("cloud", "outlook"))
    assert not page.locator(".calculator").count()
    page.go_back()
    assert results(page) == page.calculator.shown(typed(page))


def test_impossible_input_is_explained_and_announced(page):
    calculator, one = page.calculator, page.calculator.inputs[0]
    for wrong in ("", "-1", f"{float(one['max']) * 10:.0f}"):
        field(page, one["name"]).fill(wrong)
        message = page.locator(f"#{one['name']}-error")
        assert message.inner_text().startswith(f"{one['label']}要填 "), "要说是哪一项、能填什么"
        assert field(page, one["name"]).get_attribute("aria-invalid") == "true"
        assert field(page, one["name"]).get_attribute("aria-describedby") == f"{one['name']}-error"
        assert set(results(page)) == {"—"} and not page.locator(".calculator svg").count()
        announcement = page.locator(".calculator [aria-live=polite]")
        expect(announcement).to_have_text(message.inner_text())
        assert not urlsplit(page.url).query, "错的数不写进链接"
    field(page, one["name"]).fill(one["value"])
    assert results(page) == calculator.shown(calculator.defaults())
    assert not page.locator(".calculator [aria-invalid=true]").count()


def test_combination_refused_by_the_formula_is_explained_at_the_input(fresh):
    page = fresh("applications", "?cached_tokens=9000")
    message = page.locator("#cached_tokens-error").inner_text()
    assert message == "其中命中缓存（token）不能超过每次输入（token）"


def test_results_and_chart_are_read_out(page):
    calculator = page.calculator
    for one in calculator.inputs:
        assert page.get_by_label(one["label"], exact=True).count() == 1
    x, (curve, *_) = calculator.figure["data-x"], calculator.figure["data-curves"].split()
    field(page, x).press("ArrowUp")
    answers = results(page)
    spoken = [f"{one['label']} {text}" for one, text in zip(calculator.outputs, answers)]
    page.wait_for_url(f"**{x}=*")
    assert announced(page) == "；".join(spoken)
    finding = page.locator(".calculator").get_by_role("img").get_attribute("aria-label")
    answer = answers[[one["name"] for one in calculator.outputs].index(curve)]
    assert f"现在 {field(page, x).input_value()}，" in finding and answer in finding


DRAW = """(formulas_of_u) => {
  const form = document.querySelector("form.calculator"), fields = [...form.querySelectorAll("input, output")];
  const results = [{ name: "cost_usd", formula: "of_u", given: "u=utilisation" }];
  return formulas_of_u.map((body) => {
    formulas.of_u = ({ u }) => new Function("u", body)(u);
    const values = evaluate(results, { utilisation: 0.8, price_usd_per_hour: 0 });
    return draw(form.querySelector("figure").dataset, fields, results, values).outerHTML;
  });
}"""


def test_chart_stands_constant_infinite_and_missing_values(fresh):
    pieces = {
        "return 0;": 1,
        "return 1e-9;": 1,
        "return -3;": 1,
        "return 1e300 * u;": 1,
        "return Infinity;": 0,
        "return u < 0.4 || u > 0.6 ? u : -Infinity;": 2,
        "if (u > 0.5 && u !== 0.8) throw new RangeError(); return u;": 2,
    }
    for body, svg in zip(pieces, fresh("cloud").evaluate(DRAW, list(pieces))):
        assert not re.search("NaN|Infinity|undefined", svg), body
        assert re.search('class="curve" d="(.*?)"', svg)[1].count("M") == pieces[body], body


CONTRAST = """(selectors) => {
  const light = (color) => { const [r, g, b] = color.map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const seen = (...colors) => { for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
    return light([...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)); };
  const back = getComputedStyle(document.body).backgroundColor;
  return selectors.map((selector) => { const node = getComputedStyle(document.querySelector(selector));
    const [a, b] = [seen(back), seen(back, selector.includes("svg") ? node.fill : node.color)].sort((a, b) => b - a);
    return (a + 0.05) / (b + 0.05); });
}"""
OUTSIDE = """() => { const form = document.querySelector("form.calculator");
  const edge = form.getBoundingClientRect().right + 0.5;
  return [...form.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > edge)
    .map((one) => one.outerHTML); }"""


def test_fits_a_phone(page):
    page.set_viewport_size({"width": 320, "height": 740})
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    assert not page.evaluate(OUTSIDE)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_legible_in_both_themes(theme, fresh):
    page = fresh("cloud", "?utilisation=70", color_scheme=theme)
    scheme = page.evaluate("document.body.dataset.mdColorScheme")
    assert scheme == {"light": "default", "dark": "slate"}[theme]
    parts = ("label", "output", ".md-button", "svg text")
    ratios = page.evaluate(CONTRAST, [f".calculator {part}" for part in parts])
    field(page, "utilisation").fill("")
    ratios += page.evaluate(CONTRAST, [".calculator-error:not(:empty)"])
    assert min(ratios) >= 4.5, ratios


def test_without_javascript_the_page_points_to_its_worked_example(fresh):
    page = fresh("cloud", java_script_enabled=False)
    assert not page.locator("form.calculator").is_visible()
    assert "计算器要用 JavaScript" in page.locator(".md-content").inner_text()
