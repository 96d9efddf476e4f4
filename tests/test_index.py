import re
from pathlib import Path

from index import counts

ROOT = Path(__file__).parents[1]


def test_counts_agree_with_the_site():
    nav = (ROOT / "mkdocs.yml").read_text().partition("\nnav:\n")[2]
    published = "".join(page.read_text() for page in (ROOT / "docs").rglob("*.md"))
    assert counts.counts() == {
        "页面": len(re.findall(r"\.md$", nav, flags=re.M)),
        "能运行的片段": len(set(re.findall(r'title="(snippets/\S+\.py)"', published))),
        "有出处的事实": len(set(re.findall(r"\{ #([A-Z][A-Z0-9_]+) \}", published))),
        "原博客的勘误": published.count("\n- 守护："),
    }, "新页面要加进 mkdocs.yml 的 nav，每个片段要在页面上写明路径，每个事实要有锚点"


def test_home_page_shows_the_commands_of_the_readme():
    def commands(file):
        return set(re.findall(r"^pip install uv && .+", (ROOT / file).read_text(), flags=re.M))

    assert len(commands("docs/index.md")) == 2
    assert commands("docs/index.md") == commands("README.md")
