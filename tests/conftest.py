"""全部测试共用的选项和环境。"""

import importlib.util
import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["PYTHONUTF8"] = "1"  # 本机的语言环境不是 UTF-8 时，工作进程和片段也用它
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"  # 声明测试在本进程里导入 TensorFlow，少打日志
os.environ["NO_MKDOCS_2_WARNING"] = "1"
# 两个工作进程分两个核：各自再开一组线程，只会互相等。
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
    os.environ[threads] = "1"
# 片段是全新的进程：没有字节码缓存，每次导入 TensorFlow 要多花数秒。
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# 每次查同样的输入：今天通过的，明天不会因为换了随机数而失败；也不留下记录文件。
settings.register_profile("book", derandomize=True, database=None, deadline=None)
settings.load_profile("book")


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="用片段的真实输出重写 .out 和 .svg")
    parser.addoption("--solution", help="用练习的测试检查你的文件，不再检查参考答案")


@pytest.fixture
def update(request) -> bool:
    return request.config.getoption("--update")


@pytest.fixture(scope="module")
def solution(request):
    """练习的答案，一个模块：读者用 --solution 给的文件，或书里的参考答案。"""
    given = request.config.getoption("--solution")
    if given is None:
        chapter, page = request.path.parent.name, request.path.stem.removeprefix("test_")
        return importlib.import_module(f"{chapter}.{page}.solution")
    path = Path(given).resolve()
    if not path.is_file():
        raise pytest.UsageError(f"--solution: 找不到文件 {path}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pytest_collection_modifyitems(config, items):
    """--update 只重写输出，--solution 只检查练习；其余的留给不带选项的运行。"""
    for fixture in ("update", "solution"):
        if config.getoption(fixture):
            items[:] = [item for item in items if fixture in getattr(item, "fixturenames", ())]
