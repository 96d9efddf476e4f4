"""所有 GPU 同时写检查点，存储要多快才不让它们久等？"""

LLAMA3_TRAINING_GPUS = 16_384
LLAMA3_CHECKPOINT_GB_PER_GPU = 4
LLAMA3_STORAGE_TB_PER_S = (2, 7)  # 持续、峰值
FIRE_FLYER_STORAGE_NODES = 180
FIRE_FLYER_READ_TIB_PER_S = 6.6


def write_seconds(gpus: int, gb_per_gpu: float, tb_per_s: float) -> float:
    """写完一次检查点的秒数。带宽不是正数时抛出 ValueError。"""
    if tb_per_s <= 0:
        raise ValueError(f"tb_per_s 要大于 0，收到 {tb_per_s}")
    return gpus * gb_per_gpu / 1_000 / tb_per_s


if __name__ == "__main__":
    gpus, gb = LLAMA3_TRAINING_GPUS, LLAMA3_CHECKPOINT_GB_PER_GPU
    print(f"{gpus:,} 张卡，每张最多 {gb} GB：一次最多 {gpus * gb / 1_000:.1f} TB")
    for name, speed in zip(("持续", "峰值"), LLAMA3_STORAGE_TB_PER_S):
        print(f"按{name} {speed} TB/s：{write_seconds(gpus, gb, speed):.1f} 秒")
    per_node = FIRE_FLYER_READ_TIB_PER_S * 1024 / FIRE_FLYER_STORAGE_NODES
    print(f"对照 Fire-Flyer 的读取：{FIRE_FLYER_STORAGE_NODES} 个节点，每个 {per_node:.1f} GiB/s")
