"""全部测试共用的选项和环境。"""

import os

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


@pytest.fixture
def update(request) -> bool:
    return request.config.getoption("--update")


def pytest_collection_modifyitems(config, items):
    """--update 只运行片段、重写输出；规则和断言留给下一次不带 --update 的运行。"""
    if config.getoption("--update"):
        items[:] = [item for item in items if "update" in getattr(item, "fixturenames", ())]
