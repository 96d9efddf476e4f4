"""三种离线版：zip、PDF、EPUB。用法：uv run --group test python .ci/editions.py <文件夹>"""

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import normalize

import epub
import pikepdf
from mkdocs.config import load_config
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
NAME = "llm-infra-handbook"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# 一页怎样印，见 docs/assets/extra.css；这里只有书才有的：封面、目录、页眉。
PRINT = """
@page { @top-left { content: "%s"; } }
@page :first { @top-left { content: none; } @bottom-center { content: none; } }
body > header { break-after: page; padding-top: 60mm; text-align: center; }
body > nav p { margin: 1.2em 0 0; font-weight: 700; }
body > * > p:first-child { font-size: 2.2em; font-weight: 700; }
body > nav a { display: flex; gap: 1em; margin: 0.4em 0; }
body > nav span:first-child { flex: none; width: 8em; }
body > nav span:last-child { flex: 1; text-align: end; }
article { break-before: page; }
"""

# Chromium 把“大”记成部首“⼤”（U+2F24），另注 ActualText；不认它的阅读器（如 Firefox）就搜不到、
# 复制不对，见 vivliostyle-cli 问题 40。简化的部首没有兼容分解，要写明。
RADICALS = str.maketrans(
    "⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
    "见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
)


def listed(nav: list, chapter: str = ""):
    """导航里的每一页，按次序。"""
    for name, value in (pair for entry in nav for pair in entry.items()):
        if isinstance(value, list):
            yield from listed(value, name)
        else:
            path = value.removesuffix(".md")
            key = path.replace("/", "-")
            yield {"chapter": chapter, "name": name, "file": f"{path}.html", "key": key}


def character(match: re.Match) -> bytes:
    """ToUnicode 表里的一个部首 → 汉字。"""
    text = normalize("NFKC", chr(int(match[1], 16))).translate(RADICALS)
    return b"<%04X>" % ord(text)


def print_pdf(page, file: Path) -> None:
    """印两次：第一次为了知道每页印在第几页，填进目录。"""
    page.pdf(path=file, prefer_css_page_size=True)
    with pikepdf.open(file) as pdf:
        number = {entry.objgen: n for n, entry in enumerate(pdf.pages, 1)}
        starts = {key[1:]: number[place[0].objgen] for key, place in pdf.Root.Dests.items()}
    page.evaluate(
        "starts => { for (const a of document.querySelectorAll('body > nav a'))"
        " a.lastChild.textContent = starts[a.hash.slice(1)]; }",
        starts,
    )
    options = {"prefer_css_page_size": True, "print_background": True}
    page.pdf(path=file, outline=True, tagged=True, **options)
    with pikepdf.open(file, allow_overwriting_input=True) as pdf:
        for font in pdf.objects:
            if isinstance(font, pikepdf.Dictionary) and "/ToUnicode" in font:
                table = font.ToUnicode.read_bytes()
                fixed = re.sub(rb"<(2[EF][0-9A-F]{2})>$", character, table, flags=re.MULTILINE)
                font.ToUnicode.write(fixed)
        pdf.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)  # 大小剩四成


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    config = load_config(str(ROOT / "mkdocs.yml"))
    with TemporaryDirectory() as temporary, sync_playwright() as playwright:
        site = Path(temporary) / NAME
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
        env = os.environ | {"OFFLINE": "true", "DOWNLOADS": ""}
        subprocess.run(command, cwd=ROOT, env=env, check=True)
        shutil.make_archive(folder / NAME, "zip", temporary, NAME)

        pages = [page | {"html": (site / page["file"]).read_text()} for page in listed(config.nav)]
        cover = {
            "title": config.site_name,
            "description": config.site_description,
            "date": f"{date.today()}",
            "rights": config.copyright,
        }
        book = {"cover": cover, "pages": pages, "style": PRINT % config.site_name}
        executable = next(filter(None, map(shutil.which, BROWSERS)), None)
        assert executable, (
            f"找不到 {'、'.join(BROWSERS)}；在 Debian 上运行 apt-get install chromium"
        )
        browser = playwright.chromium.launch(executable_path=executable)
        page = browser.new_page(java_script_enabled=False)  # 主题的脚本不运行，页面保持原样
        page.goto((site / "index.html").as_uri())
        page.evaluate(Path(__file__).with_suffix(".js").read_text(), book)
        print_pdf(page, folder / f"{NAME}.pdf")
        epub.bind(page, folder / f"{NAME}.epub", cover, pages)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
