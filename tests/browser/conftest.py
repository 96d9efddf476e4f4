"""用系统里的 Chromium 打开构建好的网站：一次经本机的服务器，一次直接从磁盘。"""

import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# 从磁盘打开时主题找不到搜索的索引，README 说明了搜索不可用；别的错误都算。
SEARCH_FROM_DISK = re.compile(r"file:\S+/search/search_index\.js")


@pytest.fixture(scope="session")
def browser():
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert executable, f"找不到 {'、'.join(BROWSERS)}；在 Debian 上运行 apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        yield browser
        browser.close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session", params=["hosted", "disk"])
def address(request, tmp_path_factory):
    """从页面名得到地址，例如 business/cloud → http://127.0.0.1:…/business/cloud/。"""
    folder = tmp_path_factory.mktemp(request.param)
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(folder)]
    if request.param == "disk":
        command.append("--no-directory-urls")
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    if request.param == "disk":
        yield lambda page: f"{(folder / page).as_uri()}.html"
        return
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield lambda page: f"http://127.0.0.1:{server.server_port}/{page}/"
        server.shutdown()


@pytest.fixture(scope="session")
def visit(browser):
    """打开一个地址，返回 Playwright 的页面，它的 problems 记下报错和对第三方的请求。"""

    def visit(url: str, **options):
        options |= {"permissions": ["clipboard-read", "clipboard-write"]}
        page = browser.new_page(viewport={"width": 1280, "height": 900}, **options)
        page.problems, home = [], url.split("/business/")[0]

        def note(problem: str):
            if not SEARCH_FROM_DISK.search(problem):
                page.problems.append(problem)

        page.on("request", lambda request: request.url.startswith(home) or note(request.url))
        page.on("pageerror", lambda error: note(str(error)))
        page.on("console", lambda m: m.type == "error" and note(f"{m.text} {m.location}"))
        page.goto(url)
        return page

    return visit
