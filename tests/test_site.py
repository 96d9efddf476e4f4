"""建好的站点：严格构建通过，中文可搜，链接指向仓库，不向任何第三方请求。"""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
REPO_URL = "https://example.org/handbook"  # 验证仓库地址只有一处来源
pytestmark = pytest.mark.xdist_group("site")  # 共用一次构建

# 浏览器打开页面时会自动请求的属性；<a href> 只在点击时才请求。
FETCHED = {"src", "srcset", "poster", "data"}
FETCHED_LINKS = {
    "stylesheet",
    "icon",
    "preload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "manifest",
}


class Page(HTMLParser):
    """收集一页里浏览器会请求的地址、编辑链接、代码块的个数，以及正文的词。"""

    def __init__(self, file: Path):
        super().__init__()
        self.fetched, self.edit_links, self.components, self.code_blocks = [], [], set(), 0
        self.words, self.in_article = [], False
        self.feed(file.read_text())

    def handle_data(self, data):
        if self.in_article:
            self.words += data.split()

    def handle_endtag(self, tag):
        self.in_article &= tag != "article"

    def handle_starttag(self, tag, attributes):
        self.in_article |= tag == "article"
        attributes = dict(attributes)
        classes = set((attributes.get("class") or "").split())
        self.components |= {attributes.get("data-md-component")} | (classes & {"mermaid"})
        self.fetched += [value for key, value in attributes.items() if key in FETCHED and value]
        if tag == "link" and FETCHED_LINKS & set((attributes.get("rel") or "").split()):
            self.fetched.append(attributes["href"])
        if "style" in attributes:
            self.fetched += re.findall(r"url\(([^)]+)\)", attributes["style"])
        if tag == "a" and attributes.get("rel") == "edit":
            self.edit_links.append(attributes["href"])
        self.code_blocks += tag == "pre"


def call(*command: str, cwd: Path = ROOT, **env: str) -> None:
    """运行 python -m command；失败时给出它的全部输出，并为 MkDocs 的死链补上行号、漏掉的页面补上改法。"""
    command = [sys.executable, "-m", *command]
    result = subprocess.run(command, cwd=cwd, env=os.environ | env, capture_output=True, text=True)
    if result.returncode:
        log = result.stdout + result.stderr
        for page, link in re.findall(r"'([\w/]+\.md)' contains .*?link '([^']+)'", log):
            lines = (ROOT / "docs" / page).read_text().splitlines()
            number = next((n for n, line in enumerate(lines, 1) if f"({link})" in line), 1)
            log += f"\ndocs/{page}:{number}: 链接 {link} 的目标不存在，改正路径或锚点"
        for page in re.findall(r"^ +- (\S+\.md)$", log, flags=re.MULTILINE):
            log += f"\nmkdocs.yml: nav 里没有 {page}，在它的章节下加一行"
        pytest.fail(log, pytrace=False)


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    call(
        "mkdocs",
        "build",
        "--strict",
        "--site-dir",
        str(folder),
        REPO_URL=REPO_URL,
        DOWNLOADS="true",
    )
    return folder


@pytest.fixture(scope="session")
def pages(site) -> dict[str, Page]:
    return {file.relative_to(site).as_posix(): Page(file) for file in site.rglob("*.html")}


def test_every_page_is_built_and_every_code_block_is_a_checked_fence(pages):
    """缩进四格也会成为代码块，却不受围栏的规则约束；两者数目相同，就没有漏网的。"""
    for source in (ROOT / "docs").rglob("*.md"):
        path = source.relative_to(ROOT / "docs").with_suffix("")
        built = pages["index.html" if path.name == "index" else f"{path.as_posix()}/index.html"]
        fences = len(re.findall(r"^ *```", source.read_text(), flags=re.MULTILINE)) // 2
        assert built.code_blocks == fences, (
            f"{source}: 页面有 {built.code_blocks} 个代码块，围栏有 {fences} 个；缩进的代码请改用 ``` 围栏"
        )


def test_site_asks_no_third_party(site, pages):
    for name, page in pages.items():
        remote = [url for url in page.fetched if re.match(r"(https?:)?//", url)]
        assert not remote, f"{name}: 打开页面会请求 {remote}，请改用本地文件"
        assert "mermaid" not in page.components, (
            f"{name}: Mermaid 从第三方加载，请改用片段生成的 SVG"
        )
        assert "source" not in page.components, (
            f"{name}: 仓库统计会请求第三方，见 docs/templates/partials/source.html"
        )
    for style in site.rglob("*.css"):
        remote = re.findall(
            r"""(?:url\(|@import )['"]?((?:https?:)?//[^'")]+)""", style.read_text()
        )
        assert not remote, f"{style.relative_to(site)}: 样式表请求 {remote}，请改用本地文件"


def refused_scripts(site: Path) -> set[str]:
    """安全策略没有放行的内联脚本，写成策略里的样子。"""
    refused = set()
    for file in site.rglob("*.html"):
        html = file.read_text()
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)[1]
        assert "script-src 'self' 'sha256-" in policy and "default-src 'self'" in policy
        for script in re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            if f"'sha256-{digest}'" not in policy:
                refused.add(f"'sha256-{digest}' {script[:60]}…")
    return refused


def test_policy_admits_the_inline_scripts_of_the_theme(site):
    refused = refused_scripts(site)
    assert not refused, f"docs/templates/main.html: 主题换了内联脚本，安全策略要放行 {refused}"


def test_pages_introduce_themselves(site, pages):
    """搜索引擎、聊天软件里的预览、llms.txt 和读屏软件各读各的一处。"""
    llms, described = (site / "llms.txt").read_text(), {}
    for name in pages:
        html = (site / name).read_text()
        assert '<html lang="zh"' in html, f"{name}: 页面没有写明是中文"
        description = re.search(r'<meta name="description" content="([^"]+)"', html)[1]
        assert f'"og:description" content="{description}"' in html
        if name == "404.html":
            continue
        same = described.setdefault(description, name)
        assert same == name, f"{name}: 开头的 description 与 {same} 相同，各写各的"
        assert re.search(r'<link rel="canonical" href="http[^"]+"', html), f"{name}: 没有 canonical"
        image = re.search(r'"og:image" content="http://[^/]+/([^"]+)"', html)[1]
        assert (site / image).is_file(), f"{name}: 预览图 {image} 不存在"
        assert name == "index.html" or f"{name.removesuffix('index.html')}): {description}" in llms
        article = html[html.index("<article") : html.index("</article")]
        other = r'<(pre|code|svg|math)\b.*?</\1>|<(\w+) lang="en">.*?</\2>'
        prose = re.sub(other, "", article, flags=re.DOTALL)
        english = re.search(r"(?:[A-Za-z][a-z'’-]+,? ){6}", re.sub(r"<[^>]+>", "", prose))
        assert not english, f'{name}: “{english[0]}”是英文，用 <span lang="en"> 标出'


def test_home_offers_the_editions(site):
    """发布时三种离线版放在首页旁边，名字由 .ci/editions.py 定。"""
    source = (ROOT / ".ci/editions.py").read_text()
    name = re.search(r'^NAME = "(.+)"', source, flags=re.MULTILINE)[1]
    kinds = re.findall(r'f"\{NAME\}\.(\w+)"', source) + ["zip"]
    home = (site / "index.html").read_text()
    assert {f"{name}.{kind}" for kind in kinds} == set(re.findall(rf'href="({name}\.\w+)"', home))


def test_missing_page_answers_in_chinese_and_leads_back(site):
    html = (site / "404.html").read_text()
    assert "<h1>没有这一页</h1>" in html and "<title>没有这一页" in html
    article = html[html.index("<article") : html.index("</article")]
    links = re.findall(r'href="([^"]+)"', article)
    wanted = {
        "/" + page.parent.relative_to(site).as_posix() + "/" for page in site.rglob("*/index.html")
    }
    assert wanted - {"/./"} <= set(links), "404 页的目录不全"


def test_edit_and_repository_links_come_from_one_place(site, pages):
    for name, page in pages.items():
        if name == "404.html":
            continue
        assert len(page.edit_links) == 1, f"{name}: 应有一个编辑链接"
        path = page.edit_links[0].removeprefix(f"{REPO_URL}/edit/main/")
        assert (ROOT / path).is_file(), f"{name}: 编辑链接 {page.edit_links[0]} 没有对应的文件"
        assert f'href="{REPO_URL}"' in (site / name).read_text(), f"{name}: 页面没有仓库链接"


def test_chinese_is_segmented_for_search(site):
    """没有 jieba 时 Material 不报错，只是不再分词：连续的中文成为一个词，搜不到一半。"""
    index = json.loads((site / "search/search_index.json").read_text())
    assert index["config"]["lang"] == ["zh"], "mkdocs.yml: search 的 lang 要写明 zh"
    assert index["config"]["pipeline"] == [], (
        "mkdocs.yml: 英文词干会丢掉 PagedAttention，pipeline 要为空"
    )
    separator = re.compile(index["config"]["separator"])
    title = next(doc["title"] for doc in index["docs"] if doc["location"] == "training/optimizers/")
    assert {"训练", "优化", "算法"} <= set(separator.split(title)), (
        f"搜索索引没有把标题“{title}”分成词：检查 jieba 是否安装、separator 是否含 \\u200b"
    )
    words = {word for doc in index["docs"] for word in separator.split(doc["title"] + doc["text"])}
    glued = [word for word in words if re.search(r"[，。：；？！、（）]", word)]
    assert not glued, f"mkdocs.yml: search 的 separator 漏了全角标点：{glued[:3]}"


def test_zensical_builds_the_same_pages(pages, tmp_path):
    """Zensical 是 Material 的继任者；它总把站点写进项目目录，所以在副本里构建。"""
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    for folder in ("docs", "snippets"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    call("zensical", "build", cwd=tmp_path, DOWNLOADS="true")
    site = tmp_path / "site"
    refused = refused_scripts(site)
    assert not refused, f"docs/templates/main.html: 安全策略要放行 Zensical 的 {refused}"
    theirs = {file.relative_to(site).as_posix(): Page(file).words for file in site.rglob("*.html")}
    assert theirs.keys() == pages.keys(), f"两边的页面不同：{sorted(theirs.keys() ^ pages.keys())}"
    for name, page in pages.items():
        both = zip_longest(page.words, theirs[name])
        at = next((n for n, (ours, other) in enumerate(both) if ours != other), None)
        assert page.words and at is None, (
            f"{name}: 正文从这里起不同，换一种两边都认的写法：\n"
            f"Material {page.words[at:][:9]}\nZensical {theirs[name][at:][:9]}"
        )


def test_workflows_are_valid():
    workflows = sorted(str(path) for path in (ROOT / ".github/workflows").glob("*.yml"))
    call("check_jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
