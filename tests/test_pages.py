"""Markdown 页面要守的规则。每条失败信息写明文件、行号和改法。"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS, SNIPPETS, TESTS = ROOT / "docs", ROOT / "snippets", ROOT / "tests"
PAGES = sorted(DOCS.rglob("*.md"))
QUESTION_PAGES = [path for path in PAGES if path.parent not in (DOCS, DOCS / "appendix")]
SNIPPET_FILES = sorted(p for p in SNIPPETS.rglob("*.*") if "__pycache__" not in p.parts)

INCLUDE = re.compile(r'^ *--8<-- "(?P<path>[\w/]+\.(?:py|out|svg|csv))"$')
FACT_ROW = re.compile(r"^\| `(?P<name>[A-Z][A-Z0-9_]*)`\{ #(?P<anchor>\w+) \} \|(?P<cells>.*)\|$")
FACT_LINK = re.compile(
    r"\[(?P<text>[^\]]*)\]\((?:\.\./|)(?:appendix/|)(?:facts\.md|)#(?P<name>[A-Z][A-Z0-9_]*)\)"
)
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?%?")
CHINESE_QUANTITY = re.compile(
    r"(?<![几数两])[一二两三四五六七八九十百千万]+(?:点[零一二三四五六七八九]+)?(?:倍|个百分点)"
    r"|百分之|[一二两三四五六七八九十百千万]分之"
)
NOT_A_QUANTITY = [
    r"arXiv:\d+\.\d+",
    r"(?:Python|TensorFlow|Keras|Valkey|Llama|CC BY) \d{1,2}(?:\.\d+)*(?![\d,%])",  # 版本号
    r"[A-Za-z_](?:\w|[-.·/](?=\w))*",  # 名字里的数字：GPT-3、int8、H100
    r"\d+(?:\.\d+){2,}(?::\d+)?",  # 网络地址、三段的版本号
    r"§ ?[\d.]+",  # 出处：章、节、表、图
    r"第 ?\d{1,2}(?:\.\d+)* ?[章节页题]",
    r"(?<![代发])(?:表|图|式|附录) ?\d{1,2}(?![\d.,%])",
    r"(?:19[6-9]|20[0-2])\d(?= ?年|-\d\d|[）)])(?:-\d\d){0,2}",  # 日期
    r"\b\d{1,2} ?[月日](?=[\W\d]|$)",
    r"^ *\d+\. ",  # 列表序号
    r"30 秒回答",
]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def every(paths):
    return pytest.mark.parametrize("page", paths, ids=map(name, paths))


def numbers(text: str) -> set[str]:
    """文中的数字，去掉千位逗号；带百分号的数同时以不带的形式出现。"""
    found = {number.replace(",", "") for number in NUMBER.findall(text)}
    return found | {number.rstrip("%") for number in found}


def fences(page: Path):
    """逐个给出围栏代码块：(起始行号, 信息串, [(行号, 内容)])。"""
    info = None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = re.match(r" *```(.*)$", line)
        if fence and info is None:
            start, info, body = number, fence[1].strip(), []
        elif fence:
            yield start, info, body
            info = None
        elif info is not None:
            body.append((number, line))
    assert info is None, f"{name(page)}:{start}: 代码块没有结束，请补上 ```"


def includes(page: Path):
    """逐个给出引入：(行号, 片段目录下的路径)。只有一种写法，引入整个文件。"""
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if "-8<-" in line:
            include = INCLUDE.match(line)
            assert include, (
                f'{name(page)}:{number}: 引入要独占一行，写成 --8<-- "chapter/page/idea.py"，不带行号和分段'
            )
            yield number, include["path"]


@cache
def facts() -> dict[str, list[str]]:
    """事实表：名称 → [值, 单位, 说明, 来源, 日期]。"""
    table = {}
    for number, line in enumerate((DOCS / "appendix/facts.md").read_text().splitlines(), 1):
        if not line.startswith("|") or line.startswith(("| 名称 |", "|---")):
            continue
        place, row = f"docs/appendix/facts.md:{number}", FACT_ROW.match(line)
        assert row, f"{place}: 一行写成 | `NAME`{{ #NAME }} | 值 | 单位 | 说明 | 来源 | 日期 |"
        assert row["name"] == row["anchor"], f"{place}: 锚点应与名称相同，写成 {{ #{row['name']} }}"
        assert row["name"] not in table, f"{place}: {row['name']} 重复，请合并"
        cells = [cell.strip() for cell in row["cells"].split("|")]
        assert len(cells) == 5, f"{place}: 一行要有六格：名称、值、单位、说明、来源、日期"
        value, _, _, source, date = cells
        assert numbers(value), f"{place}: 值里没有数字"
        assert len(source) > 3, f"{place}: 缺来源，请写论文、报告或文档及其位置"
        assert re.fullmatch(r"20[0-2]\d(-[01]\d(-[0-3]\d)?)?", date), (
            f"{place}: 日期写成 2024、2024-07 或 2024-07-23"
        )
        table[row["name"]] = cells
    return table


@every(PAGES)
def test_includes_resolve(page):
    for number, path in includes(page):
        file = SNIPPETS / path
        assert file.is_file() and not file.is_symlink(), (
            f"{name(page)}:{number}: snippets/{path} 不存在；改正路径，输出文件由 pytest --update 生成"
        )
        assert "-8<-" not in file.read_text(), (
            f"snippets/{path}: 含有引入标记 -8<-，会被再次展开，请换个写法"
        )


@every(PAGES)
def test_code_and_output_are_included_not_typed(page):
    shown = None  # 上一个展示的片段：问题页上，输出要紧跟着打印它的代码
    for start, info, body in fences(page):
        place = f"{name(page)}:{start}"
        language, _, options = info.partition(" ")
        assert language in ("python", "text", "bash"), (
            f"{place}: 代码块只用 python、text 或 bash，收到“{info}”"
        )
        if language == "bash":
            typed = [number for number, line in body if re.search(r"[\u4e00-\u9fff]", line)]
            assert not typed, f"{name(page)}:{typed[0]}: bash 块只写命令，说明和输出写到块外"
            continue
        include = INCLUDE.match(body[0][1]) if len(body) == 1 else None
        suffix = (".py",) if language == "python" else (".out", ".csv")
        assert include and include["path"].endswith(suffix), (
            f"{place}: {language} 块只能有一行引入（{' 或 '.join(suffix)}），代码写进 snippets/，输出由 pytest --update 生成"
        )
        path = include["path"]
        if language == "python":
            shown, title = path, f'title="snippets/{path}"'
            assert title in options, f"{place}: 请写明路径 {title}"
        elif page in QUESTION_PAGES:
            code = path.removesuffix(".out") + ".py"
            assert shown == code, f"{place}: {path} 要紧跟在 {code} 之后"
        for part in re.findall(r'hl_lines="([^"]*)"', options):
            length = len((SNIPPETS / path).read_text().splitlines())
            lines = [int(n) for n in re.findall(r"\d+", part)]
            assert lines and lines == sorted(lines) and 1 <= lines[0] <= lines[-1] <= length, (
                f'{place}: hl_lines="{part}" 越界或次序不对，{path} 只有 {length} 行'
            )
    fenced = {number for _, _, body in fences(page) for number, _ in body}
    for number, path in includes(page):
        assert number in fenced or path.endswith(".svg"), (
            f"{name(page)}:{number}: 代码和输出放进 ```python 或 ```text 围栏里引入"
        )
    assert "<!--" not in page.read_text(), f"{name(page)}: 不用 HTML 注释，读者看不到的内容请删除"


@pytest.mark.parametrize("file", SNIPPET_FILES, ids=name)
def test_every_snippet_file_is_published_on_its_page(file):
    page = DOCS / file.parent.relative_to(SNIPPETS).with_suffix(".md")
    path = file.relative_to(SNIPPETS).as_posix()
    assert page.exists(), f"{name(file)}: 没有同名页面 {name(page)}，请新建页面或移动片段"
    assert path in [path for _, path in includes(page)], (
        f'{name(file)}: 没有页面引入它；在 {name(page)} 里加 --8<-- "{path}"，或删除它'
    )
    made = [file.with_suffix(suffix) for suffix in (".py", ".out", ".svg")]
    if file.suffix == ".csv":  # 数据，由读它的片段核对
        return
    assert made[0].exists() and not (made[1].exists() and made[2].exists()), (
        f"{name(file)}: 输出要有打印它的 {made[0].name}，而且 .out 和 .svg 只能有一个；删除多余的"
    )


def test_docs_hold_pages_and_assets_only():
    for file in (path for path in DOCS.rglob("*") if path.is_file() and path not in PAGES):
        folder = file.relative_to(DOCS).parts[0]
        assert folder in ("assets", "templates") and file.suffix != ".svg", (
            f"{name(file)}: docs 里只放 .md、assets/ 和 templates/；图由片段画出来"
        )


@every([page for page in PAGES if "```python" in page.read_text()])
def test_page_with_code_has_a_test_that_imports_each_snippet(page):
    path = page.relative_to(DOCS).with_suffix("")
    test = TESTS / path.parent / f"test_{path.name}.py"
    assert test.exists(), f"{name(page)}: 缺少 {name(test)}，页面的断言写在那里"
    assert re.search(r"^def test_", test.read_text(), flags=re.M), f"{name(test)}: 没有测试函数"
    package = ".".join(path.parts)
    imported = {
        alias.name
        for node in ast.walk(ast.parse(test.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == package
        for alias in node.names
    }
    for _, snippet in includes(page):
        idea = Path(snippet)
        if idea.suffix == ".py" and idea.parent == path:
            assert idea.stem in imported, (
                f"{name(test)}: 没有 from {package} import {idea.stem}，请断言它的结论"
            )


@every(PAGES)
def test_page_has_a_description_and_one_title(page):
    text = page.read_text()
    assert re.match(r"---\ndescription: \S.+\n", text), (
        f"{name(page)}:1: 开头要有 description，一句话说明本页"
    )
    titles = re.findall(r"^# .+", text, flags=re.M)
    assert len(titles) == 1, f"{name(page)}: 要有且只有一个一级标题，现有 {len(titles)} 个"


@every(QUESTION_PAGES)
def test_question_page_has_every_part_in_order(page):
    text = page.read_text()
    parts = [
        (r"^# .+？$", "一级标题：面试官会问的问题，以问号结尾"),
        (r'^!!! abstract "30 秒回答"$', '!!! abstract "30 秒回答"'),
        (r"^```python ", "片段"),
        (r"^```text ", "片段的输出"),
        (r"^## 追问$", "## 追问"),
        (r"^\?\?\? question ", "折叠的追问：??? question"),
        (r"^## 常见误区$", "## 常见误区"),
        (r"\]\(\.\./appendix/errata\.md#", "指向勘误的链接"),
        (r"^## 参考$", "## 参考"),
        (r"^- .+", "参考条目"),
    ]
    position, missing = 0, []
    for pattern, part in parts:
        if found := re.compile(pattern, flags=re.M).search(text, position):
            position = found.end()
        else:
            line = text.count("\n", 0, position) + 1
            missing.append(f"{name(page)}:{line}: 这一行之后缺“{part}”")
    assert not missing, "\n".join([*missing, "各部分的顺序见任一现有的问题页"])


def prose(page: Path):
    """逐行给出散文：(行号, 去掉代码、公式、网址和标签后的文字)。"""
    code = {n for start, _, body in fences(page) for n in range(start, start + len(body) + 2)}
    text = "\n".join(
        "" if number in code or "-8<-" in line or FACT_ROW.match(line) else line
        for number, line in enumerate(page.read_text().splitlines(), 1)
    )

    def coefficients_only(formula):
        """公式里的一两位整数是系数；别的数要有出处。"""
        kept = [n for n in NUMBER.findall(formula[0]) if not re.fullmatch(r"\d{1,2}", n)]
        return " ".join(kept) + "\n" * formula[0].count("\n")

    for pattern, replacement in [
        (r"\$\$[^$]+\$\$|\$[^$\n]*[A-Za-z(\\][^$\n]*\$", coefficients_only),
        (r"\]\([^)]*\)", "]"),
        (r"\{ ?[#.:][^}\n]*\}|</?[a-z][^>\n]*>", ""),
        *((pattern, "") for pattern in NOT_A_QUANTITY),
    ]:
        text = re.sub(pattern, replacement, text, flags=re.M | re.A)
    yield from enumerate(text.splitlines(), 1)


@every(PAGES)
def test_no_orphan_numbers(page):
    """散文里的每个数字，要么出自本页引入的输出，要么出自本页引用的事实。"""
    table = facts()
    known = set()
    for _, path in includes(page):
        if path.endswith(".out") and (SNIPPETS / path).exists():
            output = (SNIPPETS / path).read_text().splitlines()
            known |= numbers("\n".join(line for line in output if not line.startswith("≈")))
    for number, line in enumerate(page.read_text().splitlines(), 1):
        for link in FACT_LINK.finditer(line):
            place = f"{name(page)}:{number}"
            assert link["name"] in table, f"{place}: 事实表里没有 {link['name']}"
            value, unit, *_ = table[link["name"]]
            missing = numbers(link["text"]) - numbers(value + unit)
            assert not missing, (
                f"{place}: {missing} 不是 {link['name']} 的值（{value} {unit}），改正文或改事实表"
            )
            known |= numbers(value + unit)
    for number, line in prose(page):
        orphans = [n for n in NUMBER.findall(line) if n.replace(",", "") not in known]
        assert not orphans, (
            f"{name(page)}:{number}: {orphans} 没有出处；让片段打印它，或引用 appendix/facts.md 的一行（≈ 行不算出处）"
        )
        quantity = CHINESE_QUANTITY.search(line)
        assert not quantity, f"{name(page)}:{number}: “{quantity[0]}”请用阿拉伯数字写，并给出处"


@pytest.mark.parametrize(
    "text", ["快 37 倍", "占 5%", "`0.5` 秒", "图 750 美元", "代表 64 人", "共 2048，"]
)
def test_quantities_are_seen(text, tmp_path):
    assert NUMBER.search(prose_of(text, tmp_path)), f"“{text}”里的数字没有被检查"


@pytest.mark.parametrize(
    "text", ["GPT-3 用 int8", "见表 4 与 §3.3", "2024 年 7 月", "$2BN/F$", "第 6.1 节"]
)
def test_names_and_references_are_not_quantities(text, tmp_path):
    assert not NUMBER.search(prose_of(text, tmp_path)), f"“{text}”被当成了数字"


def prose_of(text: str, folder: Path) -> str:
    (folder / "page.md").write_text(text)
    return "\n".join(line for _, line in prose(folder / "page.md"))


@pytest.mark.parametrize("snippet", [p for p in SNIPPET_FILES if p.suffix == ".py"], ids=name)
def test_constants_in_snippet_are_facts(snippet):
    """片段里的大写常量都在事实表里，值也相同；不是事实的设置用小写。"""
    table, tree = facts(), ast.parse(snippet.read_text())
    literals = {node.targets[0]: node.value for node in tree.body if isinstance(node, ast.Assign)}
    for node in ast.walk(tree):
        if not (
            isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id.isupper()
        ):
            continue
        place = f"{name(snippet)}:{node.lineno}: {node.id}"
        assert node.id in table, f"{place} 不在 docs/appendix/facts.md；登记它，不是事实就用小写"
        try:
            value = ast.literal_eval(literals[node])
        except (KeyError, ValueError):
            pytest.fail(f"{place} 是事实，在文件顶层写成 {node.id} = 数值", pytrace=False)
        expected = table[node.id][0]
        printed = [float(n.replace(",", "").rstrip("%")) for n in NUMBER.findall(expected)]
        assert printed == [float(v) for v in (value if isinstance(value, tuple) else (value,))], (
            f"{place} = {value}，事实表里是 {expected}；核对来源后改其中一处"
        )


def test_every_fact_is_used():
    files = [path for path in (*PAGES, *SNIPPETS.rglob("*.py")) if path.name != "facts.md"]
    text = "".join(path.read_text() for path in files)
    for fact in facts():
        assert re.search(rf"\b{fact}\b", text), (
            f"docs/appendix/facts.md: 没有页面或片段使用 {fact}，请删除"
        )


@every(PAGES)
def test_tests_named_on_pages_exist(page):
    for file, test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page.read_text()):
        path = ROOT / file
        defined = path.exists() and re.search(rf"^def {test}\(", path.read_text(), flags=re.M)
        assert defined, f"{name(page)}: 没有测试 {file}::{test}，改正名字"


@pytest.mark.parametrize("file", sorted(TESTS.rglob("test_*.py")), ids=name)
def test_no_test_is_skipped(file):
    skip = re.search(r"(?:pytest|mark)\.(?:skip|xfail|importorskip)|@unittest", file.read_text())
    assert not skip or file == Path(__file__), (
        f"{name(file)}: 不跳过测试（{skip[0]}），修好它或删除它"
    )
