"""公布的数，用本书的公式算得出来吗？"""

import csv
from importlib import import_module
from inspect import signature
from pathlib import Path

from appendix.reconciliation.words import kinds, topics, units

table = Path(__file__).with_name("published.csv")


def compute(row: dict, **vocabulary: dict) -> float:
    """按 model、inputs、unit 算出一行的本站值。数据有错时抛出 ValueError，说明怎么改。"""
    if empty := [str(name) for name, cell in row.items() if not cell]:
        raise ValueError(f"{'、'.join(empty)} 是空的，请补上")
    for name, known in (vocabulary | {"unit": units}).items():
        if row[name] not in known:
            raise ValueError(f"{name} 里没有“{row[name]}”，改成 {'、'.join(known)} 之一")
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
        signature(model).bind(**inputs)
    except TypeError as error:
        raise ValueError(f"inputs 要与 {name}{signature(model)} 的参数一致：{error}") from None
    return model(**inputs) * units[row["unit"]]


def check(row: dict) -> dict:
    """给一行补上本站值 ours、相对误差 error、容差 limit。"""
    ours = compute(row, kind=kinds, topic=topics)
    percent = row["tolerance"].removesuffix("%")
    if percent == row["tolerance"] or not percent.replace(".", "", 1).isdigit():
        raise ValueError(f"tolerance 写成百分数，如 0.5%，收到 {row['tolerance']}")
    error, limit = ours / float(row["published"]) - 1, float(percent) / 100
    return row | {"ours": ours, "error": error, "limit": limit}


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
    good = [row for row in read() if abs(row["error"]) <= row["limit"]]
    print(f"{len(good)} 行在容差之内，共 {len(read())} 行")
