import csv
import io
import math
from collections import Counter
from pathlib import Path

import pytest

from appendix.reconciliation import (
    machine_models,
    not_counted,
    plain_models,
    reconcile,
    reproduces,
    run_models,
    serving_models,
    source_errors,
    summary,
    tamper,
)
from business.inference.kv_cache import kv_bytes_per_token, mla_bytes_per_token
from business.inference.margin import margin_from_markup

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "snippets/appendix/reconciliation"
COLUMNS = [
    "id",
    "topic",
    "what",
    "model",
    "inputs",
    "published",
    "unit",
    "tolerance",
    "kind",
    "source",
    "date",
]
ROWS = {row["id"]: row for row in reconcile.read()}
ERRORS = {row["id"]: row for row in source_errors.read(source_errors.table, source_errors.right)}
every_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
every_error = pytest.mark.parametrize("row", ERRORS.values(), ids=ERRORS)
TABLES = {"reproduces": reproduces, "arithmetic": not_counted, "ours": not_counted}


def raw(file: str) -> list[dict]:
    return list(csv.DictReader((FOLDER / file).open(encoding="utf-8")))


# 数据


def test_every_published_number_that_was_found_is_in_the_file():
    """查到的公布值共 104 个，编号如下；有几个编号在查证时作废，不补。"""
    numbers = {1: [*range(1, 8), *range(10, 20)], 2: [*range(1, 27), 28, 29], 3: range(1, 17)}
    numbers |= {4: range(1, 10), 5: range(1, 21), 6: range(4, 9), 7: range(1, 10)}
    expected = [f"P{part}.{n}" for part, ns in numbers.items() for n in ns]
    assert [row["id"] for row in raw("published.csv")] == expected
    assert len(set(expected)) == 104


def test_kinds_topics_and_scales_are_all_used():
    rows = raw("published.csv")
    assert list(rows[0]) == COLUMNS
    assert {row["kind"] for row in rows} == set(reconcile.kinds)
    assert len({row["topic"] for row in rows}) == 7
    assert {row["unit"] for row in [*rows, *raw("source_errors.csv")]} > set(reconcile.scales)
    assert Counter(row["kind"] for row in rows)["reproduces"] >= 80


def test_sources_are_dated_and_nothing_is_quoted():
    for row in [*raw("published.csv"), *raw("source_errors.csv")]:
        year, *rest = row["date"].split("-")
        assert 2019 <= int(year) <= 2026 and all(1 <= int(part) <= 31 for part in rest), row["id"]
        assert len(row["source"]) > 4 and '"' not in row["source"] + row["what"], row["id"]


@every_row
def test_model_is_a_formula_shown_on_its_page(row):
    """公式在 snippets/ 里，而且它的页面展示了那个文件。"""
    *folders, _ = row["model"].split(".")
    path = "/".join(folders)
    assert (ROOT / "snippets" / f"{path}.py").is_file()
    page = ROOT / "docs" / f"{'/'.join(folders[:-1])}.md"
    assert f'--8<-- "{path}.py"' in page.read_text(), f"{page} 没有展示 {path}.py"


# 核对


@every_row
def test_published_number_is_within_its_tolerance(row):
    published, ours = float(row["published"]), row["ours"]
    assert math.isclose(ours, published, rel_tol=float(row["tolerance"][:-1]) / 100), (
        f"{row['id']}：公布 {published}，本站 {ours}"
    )
    assert row["within"]


@every_row
def test_ten_percent_of_any_cell_is_noticed(row):
    """公布值和每一个输入，各改 ±10%：超出容差，或公式拒绝，或印出的行与 .out 不同。"""
    copies = list(tamper.altered(row))
    assert len(copies) == 2 * (1 + len(row["inputs"].split()))
    for copy in copies:
        assert tamper.noticed(row, copy) != "漏掉", copy
        if tamper.noticed(row, copy) == "印出的行变了":
            assert reproduces.lines(reconcile.check(copy)) not in printed(row["kind"])
    same = {name: row[name] for name in COLUMNS}
    assert tamper.noticed(row, same) == "漏掉"  # 没有改，就不该报


def test_every_number_is_changed_one_at_a_time_both_ways():
    found = [(copy["published"], copy["inputs"]) for copy in tamper.altered(row(), 0.5)]
    assert sorted((float(number), inputs) for number, inputs in found) == [
        (3.0, "first=2 second=3"),
        (6.0, "first=1.0 second=3"),
        (6.0, "first=2 second=1.5"),
        (6.0, "first=2 second=4.5"),
        (6.0, "first=3.0 second=3"),
        (9.0, "first=2 second=3"),
    ]


def test_tolerance_alone_notices_nine_changes_in_ten():
    found = Counter(
        tamper.noticed(row, copy) for row in ROWS.values() for copy in tamper.altered(row)
    )
    assert found["超出容差"] + found["公式拒绝"] > 0.9 * found.total()
    assert not found["漏掉"]


def printed(kind: str) -> str:
    """一种行的表；不算验证的两种印在同一个文件里，各有标题。"""
    text = Path(TABLES[kind].__file__).with_suffix(".out").read_text()
    return next(part for part in text.split("\n\n\n") if part.startswith(reconcile.kinds[kind]))


@every_row
def test_row_stands_in_the_table_of_its_kind_only(row):
    for kind in TABLES:
        assert (reproduces.lines(row) in printed(kind)) == (kind == row["kind"])


@pytest.mark.parametrize("kind", TABLES)
def test_tables_hold_nothing_else(kind, capsys):
    reproduces.show(kind)
    shown = capsys.readouterr().out.rstrip()
    assert shown == printed(kind).rstrip()
    rows = [row for row in ROWS.values() if row["kind"] == kind]
    headings = 1 + 2 * len({row["topic"] for row in rows})
    assert len(shown.splitlines()) == headings + 3 * len(rows)
    assert shown.startswith(f"{reconcile.kinds[kind]}（{len(rows)} 行）")


def test_summary_counts_the_rows():
    rows = raw("published.csv")
    assert summary.count() == (len(rows), len(rows))
    for kind, name in reconcile.kinds.items():
        expected = sum(row["kind"] == kind for row in rows)
        assert summary.count(kind=kind) == (expected, expected)
        assert f"{name} {expected} 行" in (FOLDER / "summary.out").read_text()
    close = sum(abs(r["error"]) <= 0.01 for r in ROWS.values() if r["kind"] == "reproduces")
    assert f"误差不超过 1% 的有 {close} 行" in (FOLDER / "summary.out").read_text()
    named = {"P2.7", "P2.9", "P4.1", "P4.3", "P6.4", "P7.4", "P7.5", "P1.11", "P1.13", "P1.7"}
    far = {r["id"] for r in ROWS.values() if r["kind"] == "reproduces" and abs(r["error"]) > 0.01}
    assert far == named | {"P1.19", "P7.2"}  # 页面逐行说明了原因


# 印法


def row(**cells) -> dict:
    model = "appendix.reconciliation.plain_models.product"
    cells = {"model": model, "inputs": "first=2 second=3", "published": "6", "unit": "比"} | cells
    known = {"kind": "reproduces", "tolerance": "1%"} | cells
    return dict.fromkeys(COLUMNS, "一") | known


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ({}, "一     一\n  6 → 6 比，+0.000% ≤ 1%\n  一，一"),
        ({"published": "6.000"}, "6.000 → 6 比，+0.000% ≤ 1%"),
        ({"published": "5"}, "5 → 6 比，+20.000% 超出 1%"),
        ({"published": "8", "tolerance": "25%"}, "8 → 6 比，-25.000% ≤ 25%"),
        ({"published": "600", "unit": "%"}, "600 → 600%，"),
        ({"published": "6e20", "inputs": "first=2e10 second=3e10"}, "6e20 → 6e20 比，"),
        ({"published": "124337664", "inputs": "first=1 second=124337664"}, "→ 124,337,664 比"),
        ({"published": "0.20", "inputs": "first=1 second=0.19946344"}, "0.20 → 0.199463 比"),
    ],
)
def test_a_row_shows_both_numbers_the_error_and_the_tolerance(cells, shown):
    assert shown in reproduces.lines(reconcile.check(row(**cells)))


def test_units_convert_what_the_formulas_return():
    """公式用基本单位，印的是常用单位。"""
    base = {"%": 0.25, "ms": 0.0025, "分钟": 1.5, "MWh": 433_196, "kB": 70_272, "KiB": 163_840}
    base |= {"GiB": 7 * 1024**3, "GB": 120e9, "TFLOP/s": 989.43e12, "kg/MWh": 0.73159}
    base |= {"百万美元": 5_576_000, "十亿参数": 1.008e12, "MB": 131_072, "GB/s": 91.69e9}
    printed = {"%": 25, "ms": 2.5, "分钟": 90, "MWh": 433.196, "kB": 70.272, "KiB": 160}
    printed |= {"GiB": 7, "GB": 120, "TFLOP/s": 989.43, "kg/MWh": 731.59}
    printed |= {"百万美元": 5.576, "十亿参数": 1_008, "MB": 0.131072, "GB/s": 91.69}
    printed |= {"分钟/年": 30}
    base |= {"分钟/年": 0.5}
    assert set(base) == set(reconcile.scales)
    for unit, value in base.items():
        found = reconcile.check(row(inputs=f"first={value!r} second=1", unit=unit))["ours"]
        assert found == pytest.approx(printed[unit]), unit
    assert reconcile.check(row(unit="天"))["ours"] == 6


# 数据写错


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"source": ""}, "格数不对，或有格子没填；每列都填"),
        ({"kind": "proves"}, "kind 里没有“proves”，改成 reproduces、arithmetic、ours 之一"),
        ({"model": "business.nowhere.cost"}, "没有公式 business.nowhere.cost，改成已发布的函数"),
        (
            {"model": "business.inference.margin.profit"},
            "没有公式 business.inference.margin.profit",
        ),
        ({"model": "cost"}, "没有公式 cost，改成已发布的函数，写全路径"),
        ({"inputs": "first=两 second=3"}, "inputs 写成 参数=数，用空格隔开；published 写成数"),
        ({"inputs": "first 2"}, "inputs 写成 参数=数，用空格隔开"),
        ({"published": "约 6"}, "inputs 写成 参数=数，用空格隔开；published 写成数"),
        ({"inputs": "first=2 price=3"}, "inputs 要与 product(first, second"),
        (
            {"inputs": "first=2"},
            "的参数一致：product() missing 1 required positional argument: 'second'",
        ),
        ({"tolerance": "0.01"}, "tolerance 写成百分数，如 0.5%，收到 0.01"),
        ({"tolerance": "小%"}, "tolerance 写成百分数，如 0.5%，收到 小%"),
        (
            {
                "model": "business.inference.token_cost.usd_per_mtok",
                "inputs": "usd_per_hour=16 tokens_per_s=100 utilisation=80",
            },
            "utilisation 必须大于 0 且不超过 1，收到 80",
        ),
    ],
)
def test_bad_data_is_refused_with_file_line_and_cure(cells, says, tmp_path):
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows([row(), row(**cells)])
    (tmp_path / "rows.csv").write_text(text.getvalue(), encoding="utf-8")
    with pytest.raises(ValueError) as refused:
        reconcile.read(tmp_path / "rows.csv")
    assert str(refused.value).startswith("rows.csv:3: ")
    assert says in str(refused.value)


@pytest.mark.parametrize("cells", ["P1.1,推理", ",".join("一" * 12)])
def test_a_row_with_too_few_or_too_many_cells_is_refused(cells, tmp_path):
    (tmp_path / "rows.csv").write_text(f"{','.join(COLUMNS)}\n{cells}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="rows.csv:2: 格数不对.*逗号用全角"):
        reconcile.read(tmp_path / "rows.csv")


# 合成的公式


def test_serving_models_against_closed_forms():
    floor = serving_models.gpt3_floor_usd_per_ktok(175e9, 312e12, 0.213, 19.22, 8)
    assert floor == pytest.approx(19.22 / 8 / 3_600 * 1_000 * 2 * 175e9 / (312e12 * 0.213))
    assert serving_models.prefill_s(100, 1e9, 1e12, 0.5) == pytest.approx(2 * 1e9 * 100 / 0.5e12)
    small = (4, 819e6, 30e9, 16 * 8.1e11)
    step = (4 * 819e6 + 30e9) / (16 * 8.1e11)
    assert serving_models.bandwidth_step_s(*small) == pytest.approx(step)
    assert serving_models.bandwidth_tokens_per_s(*small) == pytest.approx(4 / step)
    large = serving_models.int8_step_s(256, 819e6, 30e9, 16 * 8.1e11, 16 * 1.97e14)
    attention, matrices = 256 * 819e6 / (16 * 8.1e11), 2 * 256 * 30e9 / (16 * 1.97e14)
    assert large == pytest.approx(attention + matrices)
    few = serving_models.int8_step_s(4, 819e6, 30e9, 16 * 8.1e11, 16 * 1.97e14)
    assert few == pytest.approx(step)  # 批小的时候，有没有算力一项都一样


def test_agent_calls_against_the_table_of_the_book():
    """表 6-4：三次调用，命中缓存的输入按一成收费。"""
    usd = serving_models.three_calls_usd(
        2_500, 150, 3_200, 2_000, 120, 3_800, 3_200, 200, 3, 15, 0.1
    )
    billed = 2_500 + (1_200 + 200) + (600 + 320)
    assert usd == pytest.approx((billed * 3 + 470 * 15) / 1e6)
    assert serving_models.uncached_call_usd(2_500, 150, 3, 15) == pytest.approx(0.00975)


def test_kv_saving_without_quantisation_is_smaller():
    """93.3% 含 6 比特量化；同样 16 比特时是 82.2%。"""
    shape = (95, 8, 128, 16, 60, 512, 64)
    assert serving_models.kv_saving(*shape, 6) == pytest.approx(0.933, abs=0.001)
    assert serving_models.kv_saving(*shape, 16) == pytest.approx(0.822, abs=0.001)


def test_run_models_against_other_published_runs():
    """MPT 表的另一行；Megatron 的 8TP/nX 与式 3 相差不到 3%；MFU 的式子出自 2205.05198。"""
    mpt = run_models.attention_mfu(265_149, 64_862_437_376, 80, 64, 128, 2_048, 256, 989.4e12)
    assert mpt == pytest.approx(0.4242, rel=0.001)
    exact = run_models.megatron_days(300e9, 2_048, 96, 12_288, 51_200, 384, 153e12)
    simple = run_models.training_days(174.6e9, 300e9, 8, 384, 153e12)
    assert simple < exact < 1.03 * simple
    s, h, layers, v = 2_048, 12_288, 96, 51_200
    flop = 72 * 64 * layers * s * h * h * (1 + s / (6 * h) + v / (12 * h * layers))
    found = run_models.megatron_mfu(64, s, layers, h, v, 13.75, 64, 312e12)
    assert found == pytest.approx(flop / 13.75 / 64 / 312e12)
    assert run_models.step_mfu(10, 3, 2, 5, 6) == pytest.approx(10 * 3 / 2 / (5 * 6))
    assert run_models.achieved_mfu(430, 1_000) == 0.43


def test_selective_recompute_saves_what_the_paper_says():
    """2205.05198 §5：GPT-3 省 70%；换一个形状，5as/h 是 64 份，省 64 ÷ 98。"""
    assert run_models.selective_saving(96, 2_048, 12_288) == pytest.approx(0.70, abs=0.005)
    assert run_models.selective_saving(128, 2_048, 20_480) == pytest.approx(64 / 98)


def test_machine_models_against_closed_forms():
    assert machine_models.run_carbon_t(1e6, 400, 1.1, 0.385) == pytest.approx(0.4 * 1.1 * 385)
    assert machine_models.same_grid_carbon_t(10, 4, 6) == 15
    same = machine_models.four_source_kg_per_kwh(0.1, 500, 0.2, 500, 0.3, 500, 0.4, 500)
    assert same == pytest.approx(0.5)
    assert machine_models.node_mtbf_days(6, 8) == 2
    assert machine_models.node_mtbf_days_from_stops(10, 5, 4) == 8  # 每 48 小时停一次
    amdahl = 1 / (0.01 + 0.99 / 48)
    found = machine_models.serial_share_from_mfu(48, 0.48, 0.01 * amdahl)
    assert found == pytest.approx(0.01)
    assert machine_models.watts_per_gpu(10.2, 8) == pytest.approx(1_275)


def test_plain_models_against_closed_forms():
    assert plain_models.total(1, 2, 3, 4) == 10 and plain_models.product(2, 3, 4, 5) == 120
    assert plain_models.quotient(7, 2) == 3.5
    with pytest.raises(ValueError, match="parts 必须大于 0，收到 0"):
        plain_models.quotient(1, 0)
    assert plain_models.hours_of(7_200, 2) == 4
    assert plain_models.steps_usd(7_200, 2, 28) == 112
    assert plain_models.implied_usd_per_gpu_hour(4_800, 10, 10) == 2
    usd = plain_models.implied_usd_per_chip_hour(100, 1e9, 1e12, 1e15, 0.5)
    assert usd == pytest.approx(100 / (6e21 / 0.5e15 / 3_600))
    assert plain_models.lifetime_ltv_usd(1_200, 0.5, 3) == pytest.approx(1_800)


def test_each_model_file_names_the_rows_that_use_it():
    used = {
        row["id"] for row in ROWS.values() if row["model"].startswith("appendix.reconciliation.")
    }
    listed = [
        line.split("：")[1].split("、")
        for module in (serving_models, run_models, machine_models, plain_models)
        for line in summary.users(module.__file__)
    ]
    assert sorted(sum(listed, [])) == sorted(used)


# 知名来源里的错


LLAMA3_STOPS = {  # 表 5：GPU 类六行，其余十二行
    "GPU": [148, 72, 19, 17, 6, 6],
    "其他": [54, 35, 32, 7, 7, 3, 3, 2, 2, 2, 2, 2],
}
EXPECTED = {  # 从别处来的正确值：表里的另一列、另一个函数、手算
    "T1.1": 100 * 148 / sum(map(sum, LLAMA3_STOPS.values())),
    "T1.2": 100 * sum(LLAMA3_STOPS["GPU"]) / sum(map(sum, LLAMA3_STOPS.values())),
    "T2": kv_bytes_per_token(126, 8, 128, 2) / mla_bytes_per_token(61, 512, 64, 2),
    "T3": 2_040,
    "T4": 3e20,
    "T5": 0.73159,
    "T6.1": 44 * 8_960 / 171,
    "T6.2": 44 * 8_960 / 225 / 365,
    "T9": 105.82 / 1_000,
    "T10": 1 / 0.057,
    "T13.1": 1.64e14 * 3_600,
    "T13.2": kv_bytes_per_token(40, 40, 128, 2) * 8_192 / 2**30,
    "T8": 100 * margin_from_markup(5.45),
    "T11": 1.8 * 16_384 / 1_024,
    "T14.1": 100 * 24.6 / 125,
    "T14.2": 100 * 24.6 / 125 * (1 + 96 * 12_288 * 2_048 / (175e9 / 2)),
    "T15": 1_979 / 2,
    "T16": 1_082_990 * 0.4 / 1_000,
}


@every_error
def test_source_error_is_what_the_page_says(row):
    assert row["right"] == pytest.approx(EXPECTED[row["id"]], rel=0.007)
    if row["id"] != "T16":  # 这一处的意思正是两数相等
        assert abs(row["right"] / float(row["published"]) - 1) > 0.008


def test_every_source_error_is_expected_and_of_a_known_kind():
    assert list(EXPECTED) == list(ERRORS)
    assert {row["kind"] for row in ERRORS.values()} == set(source_errors.faults)


def test_what_the_page_says_about_where_the_errors_come_from():
    """错在哪里，也要算得出来。"""
    assert sum(map(sum, LLAMA3_STOPS.values())) == 419 and sum(LLAMA3_STOPS["GPU"]) == 268
    rest = sum(round(100 * n / 419, 1) for n in LLAMA3_STOPS["GPU"][1:])
    assert rest + 30.1 == pytest.approx(58.7, abs=0.05)  # T1.2 含写错的那一行
    assert pytest.approx(6.966e20, rel=1e-3) == 6 * 774e6 * 150e9  # T4 是 774M 那份的结果
    assert pytest.approx(1_752, abs=1) == 44 * 8_960 / 225  # T6.1
    assert abs(44 * 8_960 / 171 / 365 - 6.5) < abs(1_752 / 365 - 6.5)  # T6.2
    assert run_models.training_days(200e9, 300e9, 8, 350, 150e12) == pytest.approx(105.82, abs=0.01)
    assert kv_bytes_per_token(40, 40, 128, 2) == 819_200
    assert kv_bytes_per_token(40, 40, 128, 2) * 8_192 / 1e9 == pytest.approx(6.7, abs=0.02)
    assert float(ERRORS["T16"]["published"]) == pytest.approx(ERRORS["T16"]["right"])


@every_error
def test_ten_percent_of_any_cell_of_an_error_is_noticed(row):
    before = source_errors.lines(row)
    assert before in (FOLDER / "source_errors.out").read_text()
    for copy in tamper.altered({k: v for k, v in row.items() if k != "right"}):
        try:
            assert source_errors.lines(source_errors.right(copy)) != before, copy
        except ValueError:
            continue


def test_bad_source_error_is_refused(tmp_path):
    text = (FOLDER / "source_errors.csv").read_text().replace("T1.1,error", "T1.1,lie")
    (tmp_path / "errors.csv").write_text(text)
    with pytest.raises(
        ValueError, match="errors.csv:2: kind 里没有“lie”，改成 error、caution 之一"
    ):
        source_errors.read(tmp_path / "errors.csv", source_errors.right)
