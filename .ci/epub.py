"""把浏览器里并好的书装成 EPUB：一包 XHTML，公式仍是 MathML，图仍是 SVG。"""

import re
from html import escape
from itertools import groupby
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

# 阅读器自带样式，这里只补代码、表格和提示框。
STYLE = """
pre { padding: 0.5em; font-size: 0.8em; white-space: pre-wrap; overflow-wrap: anywhere; background: #f5f5f5; }
table { border-collapse: collapse; font-size: 0.85em; }
th, td { padding: 0.3em 0.5em; text-align: start; vertical-align: top; border: 1px solid #ccc; }
.admonition, details { margin: 1em 0; padding: 0 0.8em; border-inline-start: 4px solid #3f51b5; }
.admonition-title, summary, .filename { display: block; font-weight: bold; }
figure, math[display="block"] { margin: 1em 0; }
svg { width: 100%; height: auto; }
"""
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>
<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>"""
PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="zh">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">{id}</dc:identifier><dc:title>{title}</dc:title><dc:language>zh</dc:language>
<dc:description>{description}</dc:description><dc:rights>{rights}</dc:rights>
<meta property="dcterms:modified">{date}T00:00:00Z</meta></metadata>
<manifest><item id="style" href="style.css" media-type="text/css"/>{items}</manifest>
<spine>{spine}</spine></package>"""
XHTML = """<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="zh" xml:lang="zh">
<head><title>{title}</title><link rel="stylesheet" href="style.css"/></head><body>{body}</body></html>"""
ARTICLES = """() => [...document.querySelectorAll("article")].map(
  (article) => [article.id, new XMLSerializer().serializeToString(article)])"""


def bind(page, file: Path, cover: dict[str, str], pages: list[dict]) -> None:
    cover = {key: escape(text) for key, text in cover.items()} | {"id": file.stem}
    chapters = items = spine = ""
    for chapter, group in groupby(pages, lambda page: page["chapter"]):
        links = "".join(f'<li><a href="#{one["key"]}">{one["name"]}</a></li>' for one in group)
        chapters += f"<li><span>{chapter}</span><ol>{links}</ol></li>" if chapter else links
    contents = f'<nav epub:type="toc"><h1>目录</h1><ol>{chapters}</ol></nav>'
    with ZipFile(file, "w", ZIP_DEFLATED) as epub:
        epub.writestr("mimetype", "application/epub+zip", ZIP_STORED)
        epub.writestr("META-INF/container.xml", CONTAINER)
        epub.writestr("style.css", STYLE)
        for key, body in [("contents", contents), *page.evaluate(ARTICLES)]:
            # 锚点以页名开头，页名就是文件名
            body = re.sub(r' href="#([\w-]+)', r' href="\1.xhtml#\1', body)
            epub.writestr(f"{key}.xhtml", XHTML.format(title=cover["title"], body=body))
            tags = {"nav": "<nav ", "mathml": "<math ", "svg": "<svg "}
            properties = " ".join(name for name, tag in tags.items() if tag in body)
            properties = properties and f'properties="{properties}"'
            items += f'<item id="{key}" href="{key}.xhtml" media-type="application/xhtml+xml" {properties}/>'
            spine += f'<itemref idref="{key}"/>'
        epub.writestr("book.opf", PACKAGE.format(**cover, items=items, spine=spine))
