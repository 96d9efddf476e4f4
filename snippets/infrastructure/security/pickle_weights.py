"""从网上下载的权重文件，打开它为什么等于运行它？"""

import os
import tempfile
from pathlib import Path

import numpy as np


class Trojan:
    """pickle 读到它，就调用 __reduce__ 指定的函数。这里只建一个目录。"""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


def load_weights(path: Path) -> np.ndarray:
    """只读数字，不执行代码。文件里有 Python 对象时抛出 ValueError。"""
    return np.load(path, allow_pickle=False)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        mark, model = Path(folder, "owned"), Path(folder, "model.npy")
        np.save(model, np.array([Trojan(mark)], dtype=object), allow_pickle=True)
        try:
            load_weights(model)
        except ValueError as error:
            print(f"不许 pickle：{type(error).__name__}，代码运行了：{mark.exists()}")
        np.load(model, allow_pickle=True)
        print(f"允许 pickle：没有报错，代码运行了：{mark.exists()}")
        np.save(model, np.arange(4, dtype=np.float32))
        print(f"正常的权重：{load_weights(model)}")
