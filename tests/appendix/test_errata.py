import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENTRIES = re.split(r"^## ", (ROOT / "docs/appendix/errata.md").read_text(), flags=re.MULTILINE)[1:]


def test_every_error_of_the_blog_has_an_entry():
    """原博客有十九处错误；每处都有锚点，供各页链接。"""
    anchors = re.findall(
        r"^.*\{ #(\w+) \}$", "\n".join(entry.splitlines()[0] for entry in ENTRIES), flags=re.M
    )
    assert len(set(anchors)) == len(ENTRIES) == 19


def test_every_entry_says_what_was_said_why_it_is_wrong_and_which_test_guards_it():
    for entry in ENTRIES:
        title = entry.splitlines()[0]
        for part in ("原文", "问题", "正确", "守护"):
            assert re.search(rf"^- {part}：\S.+", entry, flags=re.M), f"勘误“{title}”缺“{part}”"
        guard = re.search(r"^- 守护：.*$", entry, flags=re.M)[0]
        assert re.search(r"`tests/[\w/]+\.py::\w+`", guard), f"勘误“{title}”要写明守护它的测试"
        assert re.search(r"\]\(\.\./[\w/]+\.md", entry), f"勘误“{title}”要链接到正确的页面"
