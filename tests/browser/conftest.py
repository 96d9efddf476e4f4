"""用系统里的 Chromium 打开构建好的网站：一次经本机的服务器，一次直接从磁盘。"""

import os
import re
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DEFAULTS = {
    "viewport": {"width": 1280, "height": 900},
    "permissions": ["clipboard-read", "clipboard-write"],
}


@contextmanager
def chromium():
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert executable, f"找不到 {'、'.join(BROWSERS)}；在 Debian 上运行 apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        yield browser
        browser.close()


def build(folder: Path, root: Path = ROOT, **env: str) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    result = subprocess.run(command, cwd=root, env=os.environ | env, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def send_error(self, code, *_):
        """像真的托管那样，找不到就答 404.html。"""
        body = Path(self.directory, "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serve(folder: Path):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session", params=["hosted", "disk"])
def address(request, tmp_path_factory):
    """从页面名得到地址，例如 business/cloud → http://127.0.0.1:…/business/cloud/；空的是首页。"""
    folder = tmp_path_factory.mktemp(request.param)
    disk = request.param == "disk"
    build(folder, OFFLINE="true" if disk else "false")
    if disk:
        yield lambda page: (folder / f"{page or 'index'}.html").as_uri()
        return
    with serve(folder) as home:
        yield lambda page: f"{home}{page and page + '/'}"


@pytest.fixture(scope="session")
def visit(browser):
    """打开一个地址，返回 Playwright 的页面，它的 problems 记下报错和对第三方的请求。"""

    def visit(url: str, **options):
        page = browser.new_page(**DEFAULTS | options)
        page.problems = []
        note = page.problems.append
        ours = re.match(r"file:///|http://127\.0\.0\.1:\d+/", url)[0]
        page.on("request", lambda request: request.url.startswith(ours) or note(request.url))
        page.on("pageerror", lambda error: note(str(error)))
        page.on("console", lambda m: m.type == "error" and note(f"{m.text} {m.location}"))
        page.goto(url)
        return page

    return visit
