"""“算自己的账”，像读者那样在浏览器里用。"""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.calculators import WITH_CALCULATOR, Calculator

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
CALCULATORS = {f"business/{page.stem}": Calculator(page) for page in WITH_CALCULATOR}
each = pytest.mark.parametrize("name", CALCULATORS)

FILL_AND_READ = """(samples) => samples.map((typed) => {
  const form = document.querySelector("form.calculator");
  for (const [name, value] of Object.entries(typed)) form.elements[name].value = value;
  form.dispatchEvent(new Event("input", { bubbles: true }));
  return [...form.querySelectorAll("output")].map((output) => output.textContent);
})"""


def results(page) -> list[str]:
    return page.locator(".calculator output").all_inner_texts()


def announced(page) -> str:
    page.wait_for_function("document.querySelector('.calculator [aria-live=polite]').textContent")
    return page.locator(".calculator [aria-live=polite]").inner_text()


def field(page, name):
    return page.locator(f".calculator input[name={name}]")


@each
def test_results_equal_those_of_python(name, address, visit):
    calculator, page = CALCULATORS[name], visit(address(name))
    assert results(page) == calculator.shown(calculator.defaults())
    samples = calculator.samples(500)
    compared = 0
    for typed, ours in zip(samples, page.evaluate(FILL_AND_READ, samples)):
        try:
            expected = calculator.shown(typed)
            compared += 1
        except ValueError:
            expected = ["—"] * len(ours)
        assert ours == expected, typed
    assert compared > 250


@each
def test_link_carries_the_inputs(name, address, visit):
    calculator, page = (
        CALCULATORS[name],
        visit(address(name), permissions=["clipboard-read", "clipboard-write"]),
    )
    first, last = calculator.inputs[0]["name"], calculator.inputs[-1]["name"]
    field(page, first).press("ArrowUp")
    field(page, last).press("ArrowUp")
    page.wait_for_url("**?*")
    typed = {f["name"]: field(page, f["name"]).input_value() for f in calculator.inputs}
    assert typed != calculator.defaults() and results(page) == calculator.shown(typed)

    page.get_by_role("button", name="复制链接").click()
    page.get_by_role("button", name="已复制").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("#calculator")
    assert {n: v for n, (v,) in parse_qs(urlsplit(link).query).items()} == typed
    assert results(visit(link)) == results(page)

    page.get_by_role("button", name="恢复默认").click()
    page.wait_for_function("!location.search")
    assert results(page) == calculator.shown(calculator.defaults())


def test_unknown_and_impossible_values_in_the_link_are_ignored(address, visit):
    calculator = CALCULATORS["business/cloud"]
    query = "?h=1&life_years=4&utilisation=800&capex_usd=abc&price_usd_per_hour=&nobody=2"
    page = visit(address("business/cloud") + query)
    assert results(page) == calculator.shown(calculator.defaults() | {"life_years": "4"})
    field(page, "life_years").press("ArrowUp")
    page.wait_for_url("**life_years=4.5*")
    assert "h=1" in page.url, "别人的查询参数要留下"


def test_link_survives_the_theme_rewriting_the_hash(hosted, visit):
    page = visit(hosted("business/cloud"))
    field(page, "utilisation").fill("70")
    page.wait_for_url("**utilisation=70*")
    page.mouse.wheel(0, -1500)
    page.wait_for_url(re.compile("utilisation=70.*#."))
    page.mouse.wheel(0, 3000)
    field(page, "utilisation").fill("60")
    page.wait_for_url(re.compile("utilisation=60.*#."))


@each
def test_keyboard_is_enough(name, address, visit):
    calculator, page = CALCULATORS[name], visit(address(name))
    field(page, calculator.inputs[0]["name"]).focus()
    for one in calculator.inputs:
        assert page.evaluate("document.activeElement.name") == one["name"]
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring == "solid", f"{one['name']} 没有焦点环"
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
    typed = {f["name"]: field(page, f["name"]).input_value() for f in calculator.inputs}
    assert results(page) == calculator.shown(typed) != calculator.shown(calculator.defaults())
    page.wait_for_url("**?*")
    assert page.evaluate("document.activeElement.textContent") == "复制链接"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # 恢复默认
    page.wait_for_function("!location.search")
    assert results(page) == calculator.shown(calculator.defaults())


@each
def test_impossible_input_is_explained_and_announced(name, hosted, visit):
    calculator, page = CALCULATORS[name], visit(hosted(name))
    one = calculator.inputs[0]
    for wrong in ("", "-1", f"{float(one['max']) * 10:.0f}"):
        field(page, one["name"]).fill(wrong)
        message = page.locator(f"#{one['name']}-error")
        assert message.inner_text().startswith(f"{one['label']}要填 "), "要说是哪一项、能填什么"
        assert field(page, one["name"]).get_attribute("aria-invalid") == "true"
        assert field(page, one["name"]).get_attribute("aria-describedby") == f"{one['name']}-error"
        assert set(results(page)) == {"—"} and not page.locator(".calculator svg").count()
        assert message.inner_text() in announced(page)
        assert not urlsplit(page.url).query, "错的数不写进链接"
    field(page, one["name"]).fill(one["value"])
    assert results(page) == calculator.shown(calculator.defaults())
    assert not page.locator(".calculator [aria-invalid=true]").count()


def test_combination_refused_by_the_formula_is_explained_at_the_input(hosted, visit):
    page = visit(hosted("business/applications"))
    field(page, "cached_tokens").fill("9000")
    message = page.locator("#cached_tokens-error").inner_text()
    assert message == "其中命中缓存（token）不能超过每次输入（token）"
    assert announced(page) == message


@each
def test_results_and_chart_are_read_out(name, hosted, visit):
    calculator, page = CALCULATORS[name], visit(hosted(name))
    inputs = calculator.inputs
    assert [page.get_by_label(one["label"], exact=True).count() for one in inputs] == [1] * len(
        inputs
    )
    field(page, calculator.figure["data-x"]).press("ArrowUp")
    for one, text in zip(calculator.outputs, results(page)):
        assert f"{one['label']} {text}" in announced(page)
    current = field(page, calculator.figure["data-x"]).input_value()
    finding = page.locator(".calculator").get_by_role("img").get_attribute("aria-label")
    curve = calculator.figure["data-curves"].split()[0]
    index = [one["name"] for one in calculator.outputs].index(curve)
    assert f"现在 {current}，" in finding and results(page)[index] in finding


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


@each
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_fits_a_phone_in_both_themes(name, theme, hosted, visit):
    page = visit(hosted(name), viewport={"width": 360, "height": 740}, color_scheme=theme)
    scheme = page.evaluate("document.body.dataset.mdColorScheme")
    assert scheme == {"light": "default", "dark": "slate"}[theme]
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
    outside = page.evaluate("""() => { const form = document.querySelector("form.calculator");
      const edge = form.getBoundingClientRect().right + 0.5;
      return [...form.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > edge)
        .map((one) => one.outerHTML); }""")
    assert not outside
    field(page, CALCULATORS[name].inputs[-1]["name"]).fill("")
    parts = [".calculator label", ".calculator output", ".calculator .md-button"]
    ratios = page.evaluate(CONTRAST, [*parts, ".calculator .calculator-error:not(:empty)"])
    page.get_by_role("button", name="恢复默认").click()
    page.locator(".calculator svg").wait_for()
    ratios += page.evaluate(CONTRAST, [".calculator svg text"])
    assert min(ratios) >= 4.5, ratios


@each
def test_without_javascript_the_page_points_to_its_worked_example(name, address, visit):
    page = visit(address(name), java_script_enabled=False)
    assert not page.locator("form.calculator").is_visible()
    assert "计算器要用 JavaScript" in page.locator(".md-content").inner_text()


def test_other_pages_are_left_alone(hosted, visit):
    page = visit(hosted("business/outlook"))
    assert not page.locator(".calculator").count()
