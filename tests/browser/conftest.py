"""用系统里的 Chromium 打开构建好的网站：一次经本机的服务器，一次直接从磁盘。"""

import contextlib
import os
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


@pytest.fixture(scope="session")
def browser():
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert executable, f"找不到 {'、'.join(BROWSERS)}；在 Debian 上运行 apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        yield browser
        browser.close()


def build(folder: Path, *options: str) -> Path:
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(folder), *options]
    result = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return folder


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def hosted(tmp_path_factory):
    folder = build(tmp_path_factory.mktemp("hosted"))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield lambda page: f"http://127.0.0.1:{server.server_port}/{page}/"
        server.shutdown()


@pytest.fixture(scope="session")
def disk(tmp_path_factory):
    folder = build(tmp_path_factory.mktemp("disk"), "--no-directory-urls")
    return lambda page: f"{(folder / page).as_uri()}.html"


@pytest.fixture(params=["hosted", "disk"])
def address(request):
    """页面的地址，例如 business/cloud → http://127.0.0.1:…/business/cloud/。"""
    return request.getfixturevalue(request.param)


# 从磁盘打开时主题找不到搜索的索引，README 说明了搜索不可用；别的错误都算。
SEARCH_FROM_DISK = re.compile(r"file:\S+/search/search_index\.js")


@pytest.fixture
def visit(browser):
    """打开一个地址，返回 Playwright 的页面；结束时核对没有报错，也没有请求第三方。"""
    with contextlib.ExitStack() as closing:
        problems = []

        def visit(url: str, **options):
            options = {"viewport": {"width": 1280, "height": 900}} | options
            page = closing.enter_context(browser.new_context(**options)).new_page()
            home = url.split("/business/")[0]
            page.on("request", lambda r: r.url.startswith(home) or problems.append(r.url))
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on(
                "console", lambda m: m.type == "error" and problems.append(f"{m.text} {m.location}")
            )
            page.goto(url)
            return page

        yield visit
    ours = [problem for problem in problems if not SEARCH_FROM_DISK.search(problem)]
    assert not ours, ours
