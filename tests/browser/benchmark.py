"""网站快不快：构建、第一屏和搜索，都在本机现量，所以不写进断言。

uv run --group test python tests/browser/benchmark.py --sizes 1 10 50 --rounds 3
"""

import argparse
import gzip
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from pathlib import Path
from time import perf_counter

import jieba
import jinja2
import markdown
import pymdownx.highlight
from conftest import ROOT, build, chromium, serve
from material.plugins.search.plugin import SearchIndex
from mkdocs.commands.build import build as build_here
from mkdocs.config import load_config

QUERIES = "GPU利用率 断点续训 毛利率 PagedAttention 梯度同步 租还是买 数据倾斜 学习率 纠删码 KV缓存 混合精度 token成本"

# 从按键到结果出现在页面里；主题每次先清空列表，所以总有变化可等。
KEYSTROKE = """text => new Promise(resolve => {
  const box = document.querySelector(".md-search__input"), start = performance.now()
  new MutationObserver((_, observer) => (observer.disconnect(), resolve(performance.now() - start)))
    .observe(document.querySelector(".md-search-result"), { childList: true, subtree: true })
  box.value = text
  box.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true }))
})"""


def multiply(project: Path, copies: int) -> int:
    """把全书和导航再抄几份；页面之间是相对链接，每一份指向自己。返回页数。"""
    shutil.copytree(ROOT / "snippets", project / "snippets")
    shutil.copytree(ROOT / "docs", project / "docs")
    config, nav = (ROOT / "mkdocs.yml").read_text().split("\nnav:\n")
    parts = [config, "nav:", nav]
    for part in (f"copy_{number}" for number in range(2, copies + 1)):
        others = shutil.ignore_patterns("assets", "templates")
        shutil.copytree(ROOT / "docs", project / "docs" / part, ignore=others)
        paths = re.sub(r"(\S+\.md)$", rf"{part}/\1", nav, flags=re.MULTILINE)
        parts += [f"  - {part}:", textwrap.indent(paths, "    ")]
    (project / "mkdocs.yml").write_text("\n".join(parts))
    return sum(1 for _ in (project / "docs").rglob("*.md"))


def seconds(action, *arguments, **options) -> float:
    start = perf_counter()
    action(*arguments, **options)
    return perf_counter() - start


def compare_builds(copies: int, rounds: int) -> None:
    """同一份 mkdocs.yml，两种引擎轮流从头构建。"""
    zensical = [sys.executable, "-m", "zensical", "build", "--clean"]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        pages, pairs = multiply(project, copies), []
        for _ in range(rounds):
            ours = seconds(build, Path(folder, "site"), root=project)
            theirs = seconds(subprocess.run, zensical, cwd=project, check=True, capture_output=True)
            pairs.append((ours, theirs))
    print(f"{copies} 倍，{pages} 页：", end="")
    for engine, times in zip(("Material", "Zensical"), zip(*pairs)):
        middle = statistics.median(times)
        print(f"{engine} {middle:.1f} 秒，每页 {1000 * middle / pages:.0f} 毫秒；", end="")
    print(f"比值 {statistics.median(ours / theirs for ours, theirs in pairs):.2f}", flush=True)


def where_time_goes() -> None:
    """把几个函数换成计时的，在本进程里构建一次。"""
    spent = Counter()

    def timed(owner, name: str) -> None:
        function = getattr(owner, name)

        def wrapper(*arguments, **options):
            start = perf_counter()
            result = function(*arguments, **options)
            spent[name] += perf_counter() - start
            return result

        setattr(owner, name, wrapper)

    timed(markdown.Markdown, "convert")
    timed(pymdownx.highlight, "highlight")
    timed(SearchIndex, "add_entry_from_context")
    timed(SearchIndex, "_segment_chinese")
    timed(jinja2.Template, "render")
    with tempfile.TemporaryDirectory() as site:
        config = load_config(str(ROOT / "mkdocs.yml"), site_dir=site)
        total = seconds(build_here, config)
    parts = {
        "Pygments": spent["highlight"],
        "其余的 Markdown": spent["convert"] - spent["highlight"],
        "jieba": spent["_segment_chinese"],
        "其余的搜索索引": spent["add_entry_from_context"] - spent["_segment_chinese"],
        "模板": spent["render"],
    }
    parts["别的"] = total - sum(parts.values())
    print(f"1 倍构建 {total:.1f} 秒用在：", end="")
    print("，".join(f"{name} {100 * part / total:.0f}%" for name, part in parts.items()))


def first_views(browser, site: Path, home: str) -> None:
    """第一屏要几个请求、多少字节；文字按服务器的做法逐个 gzip，图片本来就是压缩的。"""

    def size(body: bytes, url: str) -> int:
        return len(body if url.endswith((".png", ".woff2")) else gzip.compress(body, 6))

    heaviest = sorted(site.glob("*/*/index.html"), key=lambda file: file.stat().st_size)[-3:]
    pages = ["", "business/cloud", *(str(file.parent.relative_to(site)) for file in heaviest)]
    for name in dict.fromkeys(pages):
        page, responses = browser.new_page(), []
        page.on("response", lambda response, found=responses: found.append(response))
        page.goto(f"{home}{name}", wait_until="networkidle")
        sizes = {each.url: size(each.body(), each.url) for each in responses if each.ok}
        html, whole = sizes[page.url] / 1000, sum(sizes.values()) / 1000
        print(
            f"第一屏 {name or '首页'}：{len(sizes)} 个请求，{whole:.1f} KB，HTML 占 {html:.1f} KB"
        )
        page.close()
    index = site / "search/search_index.json"
    print(f"搜索索引，用到搜索才取：{size(index.read_bytes(), index.name) / 1000:.0f} KB")


def search_latency(browser, home: str) -> None:
    page = browser.new_page()
    page.goto(home)
    start = perf_counter()
    page.locator(".md-search__input").focus()
    page.locator(".md-search-result__meta", has_text="键入").wait_for(state="attached")
    ready = 1000 * (perf_counter() - start)
    queries = QUERIES.split()
    typed = [query[:length] for query in queries for length in range(1, len(query) + 1)]
    times = [page.evaluate(KEYSTROKE, text) for text in typed]
    middle, late = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    print(
        f"搜索 {len(queries)} 个词，{len(typed)} 次按键到结果：中位数 {middle:.0f} 毫秒，", end=""
    )
    print(f"P95 {late:.0f} 毫秒；头一次取索引 {ready:.0f} 毫秒")
    page.close()


if __name__ == "__main__":
    jieba.setLogLevel("ERROR")
    parser = argparse.ArgumentParser(description="构建、第一屏和搜索有多快")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1, 10], help="全书的几倍")
    parser.add_argument("--rounds", type=int, default=3, help="每个大小轮流构建几次，取中位数")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, serve(folder) as home:
        build(folder)
        first_views(browser, Path(folder), home)
        search_latency(browser, home)
    where_time_goes()
    for copies in options.sizes:
        compare_builds(copies, options.rounds)
