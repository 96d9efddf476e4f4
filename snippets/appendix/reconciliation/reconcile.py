"""公布的数，用本书的公式算得出来吗？"""

import csv
from importlib import import_module
from inspect import signature
from pathlib import Path

table = Path(__file__).with_name("published.csv")
kinds = {"reproduces": "复现", "arithmetic": "算术", "ours": "本站推算"}
# 公式用秒、小时、字节、FLOP/s、kWh、美元和小数；印成下面的单位要乘以几，别的单位照印。
scales = {"%": 100, "ms": 1e3, "分钟": 60, "分钟/年": 60, "MWh": 1e-3, "kg/MWh": 1e3}
scales |= {"kB": 1e-3, "MB": 1e-6, "GB": 1e-9, "GB/s": 1e-9, "KiB": 2**-10, "GiB": 2**-30}
scales |= {"TFLOP/s": 1e-12, "十亿参数": 1e-9, "百万美元": 1e-6}


def compute(row: dict, kinds: dict = kinds) -> float:
    """按 model、inputs、unit 算出一行的本站值。数据有错时抛出 ValueError，说明怎么改。"""
    if None in row or not all(row.values()):
        raise ValueError("格数不对，或有格子没填；每列都填，文字里的逗号用全角")
    if row["kind"] not in kinds:
        raise ValueError(f"kind 里没有“{row['kind']}”，改成 {'、'.join(kinds)} 之一")
    module, _, name = row["model"].rpartition(".")
    try:
        model = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        raise ValueError(f"没有公式 {row['model']}，改成已发布的函数，写全路径") from None
    try:
        inputs = {key: float(n) for key, n in (pair.split("=") for pair in row["inputs"].split())}
        float(row["published"])
    except ValueError:
        raise ValueError("inputs 写成 参数=数，用空格隔开；published 写成数") from None
    try:
        return model(**inputs) * scales.get(row["unit"], 1)
    except TypeError as error:
        raise ValueError(f"inputs 要与 {name}{signature(model)} 的参数一致：{error}") from None


def check(row: dict) -> dict:
    """给一行补上本站值 ours、相对误差 error、是否在容差之内 within。"""
    error = (ours := compute(row)) / float(row["published"]) - 1
    percent = row["tolerance"].removesuffix("%")
    if percent == row["tolerance"] or not percent.replace(".", "", 1).isdigit():
        raise ValueError(f"tolerance 写成百分数，如 0.5%，收到 {row['tolerance']}")
    return row | {"ours": ours, "error": error, "within": abs(error) <= float(percent) / 100}


def read(path: Path = table, check=check) -> list[dict]:
    """逐行读出并核对；出错时写明文件、行号和改法。"""
    rows, reader = [], csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    for row in reader:
        try:
            rows.append(check(row))
        except (ValueError, ZeroDivisionError) as error:
            raise ValueError(f"{path.name}:{reader.line_num}: {error}") from None
    return rows


if __name__ == "__main__":
    print(f"{sum(row['within'] for row in read())} 行在容差之内，共 {len(read())} 行")
