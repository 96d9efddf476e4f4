"""像读者那样读一页：主题、复制、键盘、手机、无障碍，经服务器和从磁盘各一遍。"""

import os
import shutil
import socket
import subprocess
import sys
from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe

from .conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PAGES = sorted(
    "" if path.stem == "index" else path.relative_to(ROOT / "docs").with_suffix("").as_posix()
    for path in (ROOT / "docs").rglob("*.md")
)
hosted = pytest.mark.parametrize("address", ["hosted"], indirect=True)  # 磁盘上是同样的页面
WIDER_THAN_THE_SCREEN = """() => [...document.querySelectorAll("body *")].filter((element) => {
  const box = element.getBoundingClientRect();
  const scrolls = (node) => node && (/auto|scroll|hidden|clip/.test(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
  return box.width && box.right > innerWidth + 1 && !scrolls(element.parentElement);
}).map((element) => element.outerHTML.slice(0, 120))"""


@pytest.fixture
def opened(visit, address):
    """opened(页面, **浏览器的设置)；测试结束时，不能有报错、对第三方的请求或安全策略的拒绝。"""
    pages = []

    def opened(name: str, **options):
        pages.append(visit(address(name), **options))
        return pages[-1]

    yield opened
    for page in pages:
        page.close()
        assert not page.problems, page.problems


def scheme(page) -> str:
    return page.locator("body").get_attribute("data-md-color-scheme")


@hosted
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_in_both_themes_and_fits_a_phone(opened, name):
    for colors, width in (("light", 1280), ("dark", 360)):
        page = opened(name, color_scheme=colors, viewport={"width": width, "height": 800})
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
        page.wait_for_timeout(300)  # 主题的脚本给代码加按钮，给表加框
        wide = page.evaluate(WIDER_THAN_THE_SCREEN)
        assert not wide, f"{name}: 宽 {width} 像素时超出屏幕：{wide[:3]}"
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        problems = [(one["id"], one["nodes"][0]["html"][:200], one["help"]) for one in found]
        assert not problems, f"{name}，{colors}，宽 {width}：{problems}"


def test_theme_follows_the_system_and_the_choice_is_kept(opened):
    page = opened("business/cloud", color_scheme="dark")
    assert scheme(page) == "slate"
    page.get_by_title("切换到浅色").click()
    assert scheme(page) == "default"
    page.reload()
    assert scheme(page) == "default"
    page.get_by_role("link", name="数据服务").first.click()
    assert scheme(page) == "default", "换一页，选过的主题没有留下来"


def test_copy_button_gives_the_code_of_the_snippet(opened):
    page = opened("training/optimizers")
    block = page.locator(".highlight", has_text="snippets/training/optimizers/adam.py").first
    block.get_by_title("复制").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == (ROOT / "snippets/training/optimizers/adam.py").read_text().strip()


def test_keyboard_skips_to_the_text_and_reaches_everything(opened):
    page = opened("infrastructure/scheduling")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.inner_text().strip() == "跳转至" and focused.is_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = page.evaluate("!!document.activeElement.closest('article')")
    assert inside, "跳转之后，下一个焦点应当在正文里"
    seen = set()
    for _ in range(200):
        seen.add(
            page.evaluate("document.activeElement.tagName + '.' + document.activeElement.className")
        )
        outside = page.evaluate("""() => {
          const box = document.activeElement.getBoundingClientRect();
          return (box.bottom < 0 || box.top > innerHeight) && document.activeElement.outerHTML;
        }""")
        assert not outside, f"焦点在屏幕外：{outside[:120]}"
        page.keyboard.press("Tab")
    assert any(one.startswith("SUMMARY") for one in seen), "折叠的追问用键盘到不了"
    assert any("md-code__button" in one for one in seen), "复制按钮用键盘到不了"


def test_folded_answer_opens_with_the_keyboard(opened):
    page = opened("infrastructure/scheduling")
    question = page.locator("details.question").first
    question.locator("summary").focus()
    page.keyboard.press("Enter")
    assert question.get_attribute("open") is not None


def test_search_opens_and_closes_with_the_keyboard(opened):
    page = opened("")
    page.keyboard.press("/")
    box = page.get_by_role("textbox")
    assert box.evaluate("(box) => box === document.activeElement")
    page.keyboard.type("all-reduce")
    page.locator(".md-search-result__item").first.wait_for()
    page.keyboard.press("Escape")
    assert not page.locator(".md-search-result__item").first.is_visible()


def test_reduced_motion_is_respected(opened):
    page = opened("", reduced_motion="reduce")
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter((e) => parseFloat(getComputedStyle(e).transitionDuration) > 0).length"
    )
    assert moving == 0


def test_page_does_not_move_while_it_loads(opened):
    page = opened("infrastructure/performance")
    page.wait_for_load_state("networkidle")
    shift = page.evaluate("""() => new Promise((done) => {
      new PerformanceObserver((list) => done(list.getEntries().reduce((sum, { value }) => sum + value, 0)))
        .observe({ type: "layout-shift", buffered: true });
      setTimeout(() => done(0), 500);
    })""")
    assert shift < 0.01


@hosted
def test_missing_page_leads_back(opened):
    page = opened("training/no_such_page")
    assert page.locator("h1").inner_text() == "没有这一页"
    assert page.problems.pop().startswith(
        "Failed to load resource: the server responded with a status of 404"
    )
    page.locator("article").get_by_role("link", name="首页").click()
    assert page.locator("h1").inner_text().startswith("大模型基础设施")


def test_preview_refreshes_when_the_author_changes_a_snippet(visit, tmp_path):
    """mkdocs serve 插进页面的脚本每次不同，安全策略不能拦它。"""
    project = tmp_path / "project"
    shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(".*", "tests"))
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        address = "{}:{}".format(*free.getsockname())
    command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", address]
    env = os.environ | {"TMPDIR": str(tmp_path)}  # 被终止时，它不删自己的临时文件夹
    pipe = {"stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=project, env=env, **pipe) as server:
        try:
            log = next((line for line in server.stderr if "Serving on" in line), "没有启动")
            assert address in log
            page = visit(f"http://{address}/")
            with (project / "snippets/index/counts.out").open("a") as output:
                output.write("刚写的一行")
            page.get_by_text("刚写的一行").wait_for()
            page.close()
            assert page.problems == []
        finally:
            server.terminate()
