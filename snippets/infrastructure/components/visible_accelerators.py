"""驱动看见几张加速器，框架看见几张？两个数不同，就是装错了。（≈ 行因机器而异）"""

import re
import subprocess
from pathlib import Path


def or_zero(read) -> float:
    """读一项；没有这个命令或文件、没有权限、超时、内容读不懂，都记 0，不中断后面的各项。"""
    try:
        return read()
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0


def nvidia_gpus(command: str = "nvidia-smi") -> int:
    """NVIDIA 的驱动自带 nvidia-smi，-L 一行列一张卡。"""
    done = subprocess.run([command, "-L"], capture_output=True, text=True, timeout=10)
    return len(re.findall(r"^GPU \d+:", done.stdout, flags=re.M))


def amd_gpus(nodes: Path = Path("/sys/class/kfd/kfd/topology/nodes")) -> int:
    """AMD 的内核驱动给每颗处理器一个目录，gpu_id 不为零的是 GPU。"""
    return sum(int(path.read_text()) > 0 for path in nodes.glob("*/gpu_id"))


if __name__ == "__main__":
    import tensorflow as tf  # 只数驱动的人，不必等它加载

    print(f"≈ 驱动：NVIDIA {or_zero(nvidia_gpus)} 张，AMD {or_zero(amd_gpus)} 张")
    seen = [len(tf.config.list_physical_devices(kind)) for kind in ("GPU", "TPU")]
    print(f"≈ TensorFlow：GPU {seen[0]} 张，TPU {seen[1]} 颗")
