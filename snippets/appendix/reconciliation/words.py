"""数据文件里的 kind、topic、unit 各有哪几种？公式的结果怎样换成印出来的单位？"""

kinds = {"reproduces": "复现", "arithmetic": "算术", "ours": "本站推算"}
labels = {"reproduces": "公布", "arithmetic": "公布", "ours": "参照"}  # ours 的参照值来源没有印
faults = {"error": "算错或写错", "caution": "没有算错，但容易误读"}
topics = {
    "inference": "推理",
    "training_cost": "训练成本",
    "energy": "能耗",
    "reliability": "可靠性",
    "communication_memory": "通信与显存",
    "gpu_cloud": "GPU 云",
    "data_and_apps": "数据与应用",
}
# 公式的结果乘以几，就是这个单位。公式用秒、小时、字节、FLOP/s、kWh、美元和小数。
converted = {
    "%": 100,
    "ms": 1e3,
    "分钟": 60,
    "分钟/年": 60,
    "MWh": 1e-3,
    "kg/MWh": 1e3,
    "TFLOP/s": 1e-12,
    "十亿参数": 1e-9,
    "百万美元": 1e-6,
    "kB": 1e-3,
    "MB": 1e-6,
    "GB": 1e-9,
    "GB/s": 1e-9,
    "KiB": 2**-10,
    "GiB": 2**-30,
}
as_is = """美元 千美元 美元/百万token 美元/千token 美元/卡时 美元/次 美元/条 美元/月 千卡时 页 token
    token/s 节点 个 FLOP FLOP/s每(美元/小时) s 小时 小时/年 天 年 吨 Wh W
    kg/kWh FLOP/美元 倍 比"""
units = dict.fromkeys(as_is.split(), 1) | converted

if __name__ == "__main__":
    print("kind：", "、".join(f"{name} 是{word}" for name, word in kinds.items()))
    print("topic：", "、".join(f"{name} 是{word}" for name, word in topics.items()))
    print("要换算的 unit：", "、".join(f"{unit} × {scale:g}" for unit, scale in converted.items()))
