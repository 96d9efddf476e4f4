import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from index import counts, figure

ROOT = Path(__file__).parents[1]


def test_counts_agree_with_the_site():
    nav = (ROOT / "mkdocs.yml").read_text().partition("\nnav:\n")[2]
    published = "".join(page.read_text() for page in (ROOT / "docs").rglob("*.md"))
    reproduced = (ROOT / "snippets/appendix/reconciliation/reproduces.out").read_text()
    assert counts.counts() == {
        "页面": len(re.findall(r"\.md$", nav, flags=re.M)),
        "能运行的片段": len(set(re.findall(r'title="(snippets/\S+\.py)"', published))),
        "复现的公布数": len(re.findall("^  .*% ≤ ", reproduced, flags=re.M)),
        "有出处的事实": len(set(re.findall(r"\{ #([A-Z][A-Z0-9_]+) \}", published))),
        "原博客的勘误": published.count("\n- 守护："),
    }, "新页面要加进 mkdocs.yml 的 nav，每个片段要在页面上写明路径，每个事实要有锚点"


def test_home_page_shows_the_commands_of_the_readme():
    def commands(file):
        return set(re.findall(r"^pip install uv && .+", (ROOT / file).read_text(), flags=re.M))

    assert len(commands("docs/index.md")) == 2
    assert commands("docs/index.md") == commands("README.md")


def test_contrast_is_that_of_wcag():
    assert figure.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert figure.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)  # WCAG 的例子
    assert figure.contrast("#767676", "#767676") == 1


@pytest.mark.parametrize("background", figure.backgrounds.values())
@pytest.mark.parametrize("color", figure.colors)
def test_figure_colors_are_legible_in_both_themes(color, background):
    assert figure.contrast(color, background) >= 3


def test_figures_use_these_colors_and_theme_black_only():
    """别的颜色没有人量过；黑色由样式表换成主题的字色。"""
    allowed = {*figure.colors, "#000000"}
    for drawing in (ROOT / "snippets").rglob("*.svg"):
        used = set(re.findall(r"#[0-9a-f]{6}\b", drawing.read_text()))
        assert used <= allowed, f"{drawing.name}: 用了 {used - allowed}"


def test_drawing_leaves_no_figure_open():
    before = plt.get_fignums()
    figure.figure()
    assert plt.get_fignums() == before


def test_shortened_coordinates_leave_words_and_looks_alone():
    fig, ax = figure.canvas("words")
    ax.plot([0, 1 / 3], [0, 1 / 7], label="标价 0.004 美元", alpha=0.125)
    ax.legend()
    drawing = figure.svg(fig)
    assert ">标价 0.004 美元<" in drawing
    assert "0.125" in drawing
    assert not re.search(r' (d|x|y|transform)="[^"]*\.\d\d', drawing)
