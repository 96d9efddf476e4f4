"""离线的三种版本：zip 解开后从磁盘打开，PDF 的书签、页码、文字和链接，EPUB 的链接和公式。"""

import html
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from os.path import normpath
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree
from zipfile import ZipFile

import pikepdf
import pypdfium2
import pytest

from .conftest import ROOT

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("editions"),
    pytest.mark.timeout(900),  # 头一个测试连做三种版本的时间也算
]

NAV = re.findall(r"^ +- (.+): (\S+)\.md$", (ROOT / "mkdocs.yml").read_text(), flags=re.MULTILINE)
TITLES = {
    page: re.search(r"^# (.+)", (ROOT / "docs" / f"{page}.md").read_text(), flags=re.MULTILINE)[1]
    for _, page in NAV
}
MARGIN = 16 * 72 / 25.4  # 页边距，点


@pytest.fixture(scope="module")
def editions(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("editions")
    command = [sys.executable, ROOT / ".ci/editions.py", folder]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture(scope="module")
def unzipped(editions, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("unzipped")
    shutil.unpack_archive(editions / "llm-infra-handbook.zip", folder)
    assert [path.name for path in folder.iterdir()] == ["llm-infra-handbook"]
    return folder / "llm-infra-handbook"


@pytest.fixture(scope="module")
def pdf(editions):
    with pypdfium2.PdfDocument(editions / "llm-infra-handbook.pdf") as pdf:
        yield pdf


@pytest.fixture(scope="module")
def texts(pdf) -> list[str]:
    """每页的正文，没有页眉、页脚和空白；行末的连字符 PDFium 另有写法。"""
    bodies = [
        p.get_textpage().get_text_bounded(bottom=MARGIN, top=p.get_height() - MARGIN) for p in pdf
    ]
    return [squeeze(body) for body in bodies]


def squeeze(text: str) -> str:
    return re.sub(r"[\x02\ufffe]", "-", re.sub(r"\s", "", text))


def article(site: Path, page: str) -> str:
    return re.search(r"<h1.*</article>", (site / f"{page}.html").read_text(), re.DOTALL)[0]


def bookmarks(pdf, depth: int) -> list:
    return [mark for mark in pdf.get_toc(max_depth=2) if mark.level < depth]


def test_zip_opens_from_disk(unzipped, visit):
    page = visit((unzipped / "index.html").as_uri())
    page.locator(".md-tabs__link", has_text="盈利模式").click()
    page.wait_for_url("**/business/inference.html")
    assert page.locator("h1").inner_text().startswith(TITLES["business/inference"])

    output = page.locator(".calculator output").first
    before = output.inner_text()
    page.locator(".calculator input").first.fill("9")
    assert re.search(r"\d", before) and output.inner_text() != before, "改了输入，结果没有变"
    figure = page.locator("figure.plot svg").first.bounding_box()
    assert min(figure["width"], figure["height"]) > 100
    formula = page.locator("math[display=block]").first
    fraction, line = formula.bounding_box(), formula.locator("mi").first.bounding_box()
    assert fraction["height"] > 1.5 * line["height"], "公式里的分数没有叠起来"

    page.locator(".md-search__input").fill("断点续训")
    page.locator(".md-search__input").press("Shift")  # 主题听的是 keyup，fill 不会触发它
    page.locator(".md-search-result__item a").first.click()
    page.wait_for_url("**/infrastructure/performance.html*")
    assert page.problems == []


def test_pdf_has_a_bookmark_for_every_page(pdf, texts):
    marks = bookmarks(pdf, 1)
    assert [mark.get_title() for mark in marks] == list(TITLES.values())
    for mark in marks:
        assert texts[mark.get_dest().get_index()].startswith(squeeze(mark.get_title()))


def test_pdf_has_page_numbers(pdf, texts):
    for number, page in enumerate(pdf, 1):
        foot = page.get_textpage().get_text_bounded(top=MARGIN).strip()
        assert foot == ("" if number == 1 else str(number))
    for (name, page), mark in zip(NAV, bookmarks(pdf, 1), strict=True):
        line = f"{name}{TITLES[page]}{mark.get_dest().get_index() + 1}"
        assert squeeze(line) in texts[1], f"目录里没有“{line}”"


def test_pdf_headings_are_not_stranded(pdf):
    """标题下面，同一页里还有正文。"""
    for mark in bookmarks(pdf, 2):
        dest = mark.get_dest()
        _, (_, top, _) = dest.get_view()
        below = pdf[dest.get_index()].get_textpage().get_text_bounded(bottom=MARGIN, top=top)
        assert len(squeeze(below)) > len(squeeze(mark.get_title())) + 10, (
            f"第 {dest.get_index() + 1} 页末尾只有标题“{mark.get_title()}”"
        )


def test_pdf_text_is_chinese(editions, pdf):
    with pikepdf.open(editions / "llm-infra-handbook.pdf") as file:
        fonts = [one for one in file.objects if isinstance(one, pikepdf.Dictionary)]
        tables = b"".join(font.ToUnicode.read_bytes() for font in fonts if "/ToUnicode" in font)
    codes = re.findall(rb"<(2[EF]..)>$", tables, flags=re.MULTILINE)
    wrong = [chr(int(code, 16)) for code in codes if 0x2E80 <= int(code, 16) < 0x2FE0]
    assert not wrong, f"这些部首应当是汉字，见 .ci/editions.py 的 RADICALS：{wrong}"
    # 没有中文字体时，文字照样取得出来，画的却都是同一个方框。
    cover = pdf[0]
    page, picture = cover.get_textpage(), cover.render(scale=2).to_pil()
    title = page.get_text_range(count=8)
    boxes = [page.get_charbox(n) for n in range(len(title))]
    height = cover.get_height()
    glyphs = {
        picture.crop((2 * left, 2 * (height - top), 2 * right, 2 * (height - bottom))).tobytes()
        for left, bottom, right, top in boxes
    }
    assert len(glyphs) == len(set(title)), f"“{title}”画得不对：检查中文字体 fonts-noto-cjk"


def test_pdf_cuts_nothing(unzipped, pdf, texts):
    for number, page in enumerate(pdf, 1):
        picture = page.render(scale=0.5, grayscale=True).to_numpy()
        edge = int(MARGIN / 2) - 2
        dark = min(picture[:, :edge].min(), picture[:, -edge:].min())
        assert dark > 250, f"PDF 第 {number} 页：有东西印到页边上"
    book, missing = "".join(texts), []
    for _, page in NAV:
        for block in re.findall(r"<pre>(.*?)</pre>", article(unzipped, page), re.DOTALL):
            lines = html.unescape(re.sub(r"<[^>]+>", "", block)).splitlines()
            missing += [f"{page}: {line}" for line in lines if squeeze(line) not in book]
    assert not missing, f"PDF 里没有这些代码或输出：{missing[:5]}"


def test_pdf_links_stay_in_the_book(editions, unzipped, pdf):
    """页间的链接都成了书内的，落在那一页的正文里；没有指向本机文件的。"""
    keys = [page.replace("/", "-") for _, page in NAV]
    wanted = set()
    for _, page in NAV:
        for href in re.findall(r'<a href="([^":]+)"', article(unzipped, page)):
            path, _, anchor = unquote(href).partition("#")
            path = normpath(f"{page}/../{path}").removesuffix(".html") if path else page
            wanted.add(path.replace("/", "-") + (anchor and f".{anchor}"))
    starts = [mark.get_dest().get_index() for mark in bookmarks(pdf, 1)] + [len(pdf)]
    chapters = {key: range(*pages) for key, pages in zip(keys, pairwise(starts), strict=True)}
    with pikepdf.open(editions / "llm-infra-handbook.pdf") as file:
        links = [link for page in file.pages for link in page.get("/Annots", [])]
        remote = [str(link.A.URI) for link in links if "/A" in link]
        found = {unquote(str(link.Dest)[1:]) for link in links if "/Dest" in link}
        number = {page.objgen: n for n, page in enumerate(file.pages)}
        for name, place in file.Root.Dests.items():
            assert number[place[0].objgen] in chapters[name[1:].split(".")[0]], name
    assert found == wanted | set(keys)
    assert all(url.startswith("http") for url in remote), remote


def test_epub_is_whole(editions, unzipped):
    with ZipFile(editions / "llm-infra-handbook.epub") as epub:
        assert epub.namelist()[0] == "mimetype"
        files = {name: epub.read(name).decode() for name in epub.namelist()}
    pages = {name: ElementTree.fromstring(files[name]) for name in files if name.endswith(".xhtml")}
    ids = {name: [n.get("id") for n in page.iter() if n.get("id")] for name, page in pages.items()}
    order = re.findall(r'idref="([^"]+)"', files["book.opf"])
    assert order == ["contents", *(page.replace("/", "-") for _, page in NAV)]
    for name, page in pages.items():
        assert len(ids[name]) == len(set(ids[name])), f"{name}: 有重复的 id"
        for node in page.iter("{http://www.w3.org/1999/xhtml}a"):
            file, _, anchor = node.get("href", "").partition("#")
            assert file.startswith("http") or anchor in ids[file], (
                f"{name}: {node.get('href')} 没有目标"
            )
    for tag in ("<math ", "<svg ", "<pre>"):
        built = "".join(article(unzipped, page) for _, page in NAV)
        assert built.count(tag) == "".join(files.values()).count(tag), tag
