"""全部测试共用的选项和环境。"""

import os

import pytest

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"  # 声明测试在本进程里导入 TensorFlow，少打日志
os.environ["NO_MKDOCS_2_WARNING"] = "1"
# 片段是全新的进程：没有字节码缓存，每次导入 TensorFlow 要多花数秒。
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="用片段的真实输出重写 .out 和 .svg")


@pytest.fixture
def update(request) -> bool:
    return request.config.getoption("--update")
