"""读者会搜的词，头一个结果就是讲它的那一页；索引等读者用到搜索时才取。"""

import re
from statistics import median

import pytest
import yaml

from .conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# 半个词、英文、中英混写、一句话、同义词。标题、导航里的章名、追问和术语表另外从 Markdown 读。
QUESTIONS = {
    "infrastructure/components": "NVLink|InfiniBand|RoCE|胖树|交换机|散热|液冷|集群要多大|在容器里",
    "infrastructure/performance": "Amdahl|Gustafson|P99|busbw|fsync|SimPy|强扩展|威布尔|压测|检查点间隔|检查点隔多久写一次|Young 间隔|MTBF|TTFT|roofline|屋顶|分位数|可用性|断点|断点续",
    "infrastructure/scheduling": "Slurm|Kubernetes|k8s|Kueue|Volcano|PagedAttention|Paged|vLLM|配额|弹性训练|碎片|KV cache|KV cache用满了|成组|静态划分|资源池|连续批",
    "infrastructure/security": "OWASP|TLS 证书|TLS证书|pickle|safetensors|AES-GCM|nonce|审计日志|备份|供应链|访问控制|入侵检测|提示注入|注入|密钥泄露|令牌桶|加密|信封加",
    "training/data_skew": "focal loss|PR-AUC|过采样|专家负载|长尾|类别不平衡|温度采样|样本权重|少数类|数据增强|填充浪费",
    "training/distributed": "MirroredStrategy|Mirrored|MultiWorkerMirroredStrategy|ParameterServerStrategy|TF_CONFIG|FSDP|1F1B|ring all-reduce|环形 all-reduce|数据并行|流水线并|并行|梯度累积|全归约|梯度同步|ZeRO|ZeRO 第三阶段|微批",
    "training/evaluation": "过拟合|损失曲线|困惑度|profiler|tf.data|early stopping|早停|验证损失|单步 MFU|全程MFU|TensorBoard|逐位复现|读 trace",
    "training/energy": "混合精度|碳排放|int8|int8量化|量化|quanti|剪枝|知识蒸馏|LiteRT|FP8|PUE|限功率|一次对话要多少电|量化感知训练|省电|模型压缩",
    "training/optimizers": "AdamW|学习率|AdaGrad|RMSProp|动量|SGD|权重衰减|衰减|二阶矩|NaN|Adam 显存|余弦",
    "coding/compute": "进程池|Ray|multiprocessing|ProcessPoolExecutor|Spark|Dask|MapReduce|幂等|线程池|重试|数据局部性|血缘重建",
    "coding/storage": "Valkey|Valkey Cluster|Redis|纠删|里德–所罗门|一致性哈希|会合哈希|哈希|副本|法定人数|强一致|WAIT|SHA-256|HDFS|异步复制",
    "business/inference": "token 成本|一百万token的成本|DeepSeek|峰谷|提示词缓存|价格的物理下限|自己部署|长上下文|GQA|MLA|输出比输入贵",
    "business/training_cost": "训练要花多少钱|6ND|卡时|数参数|最小的集群|故障值多少钱|训练账单",
    "business/cloud": "GPU 利用率|GPU利用率|gpu利用|云服务|GPU 小时成本|一小时成本|租还是买|折旧|CoreWeave|预留|spot|按需|几年回本|H100 价格|租价|卖 GPU",
    "business/data_services": "嵌入|embedding|数据标注|标注|数据授权|Reddit|合成数据|嵌入接口",
    "business/applications": "LTV|CAC|包月|重度用户|免费用户|Cursor|每月每用户成本|流失|订阅|智能体|获客",
    "business/outlook": "三种模式|token 降价|开源模型|价格减半",
    "appendix/errata": "原博客的错误",
    "appendix/glossary": "术语表",
}
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
FOLLOW_UP = re.compile(r'^\?\?\? question "(.+)"$', re.MULTILINE)


class Tagged(yaml.SafeLoader):
    """mkdocs.yml 里有 !ENV、!!python/object，这里只要导航。"""


Tagged.add_multi_constructor("", lambda *_: None)


def queries() -> dict[str, str]:
    """查询 → 应当排第一的页面。"""
    found = {}
    for file in (ROOT / "docs").rglob("*.md"):
        page = file.relative_to(ROOT / "docs").with_suffix("").as_posix().removesuffix("index")
        text = file.read_text()
        found |= dict.fromkeys(TITLE.findall(text)[:1] + FOLLOW_UP.findall(text), page)
    for section in yaml.load((ROOT / "mkdocs.yml").read_text(), Tagged)["nav"]:
        for pages in section.values():
            if isinstance(pages, list):
                found |= {name: path[:-3] for one in pages for name, path in one.items()}
    for line in (ROOT / "docs/appendix/glossary.md").read_text().splitlines():
        if page := re.search(r"\]\(\.\./(\w+/\w+)\.md\) \|$", line):  # 末一列：讲得最细的一页
            names = "、".join(line.strip("| ").split(" | ")[:2])
            found |= dict.fromkeys(re.split("、|, ", names), page[1])
    for page, several in QUESTIONS.items():
        found |= dict.fromkeys(several.split("|"), page)
    return found


# 每个查询 → [毫秒, 各条结果的页面]。主题听的是 keyup；结果和“找到几条”在同一轮写好。
SEARCH = """async (queries) => {
  const box = document.querySelector(".md-search__input");
  const count = document.querySelector(".md-search-result__meta"), answers = [];
  let counted;
  new MutationObserver(() => counted()).observe(count, { childList: true });
  for (const query of queries) {
    const started = performance.now();
    box.value = query;
    box.dispatchEvent(new KeyboardEvent("keyup"));
    await new Promise((done) => counted = done);
    const links = [...document.querySelectorAll(".md-search-result__item > a:first-child")];
    answers.push([performance.now() - started, links.map((link) => link.href.split("#")[0])]);
  }
  return answers;
}"""


def turn_to_search(page) -> None:
    page.locator(".md-search__input").focus()
    page.get_by_text("键入以开始搜索").wait_for()


def test_the_index_waits_until_the_reader_turns_to_search(address, visit):
    page = visit(address("training/evaluation"))
    seen = []
    page.on("request", lambda request: seen.append(request.url))
    page.reload()
    page.mouse.wheel(0, 2000)
    page.wait_for_load_state("networkidle")
    assert seen and not [url for url in seen if "search_index" in url], "打开页面就取了索引"
    with page.expect_request("**/search/search_index.js*"):
        page.locator(".md-search__input").focus()
    page.close()
    assert page.problems == []


def test_what_is_typed_before_the_index_arrives_is_searched(address, visit):
    """一个字一个字地敲，索引这时还没到；它到了就有结果，回车去第一条。hosted 从 404 页搜。"""
    home = address("")
    page = visit(
        home.replace("index.html", "business/cloud.html") if "file:" in home else f"{home}404.html"
    )
    held, hosted = [], page.url.startswith("http")
    if hosted:  # 从磁盘读的脚本，拦住了就不再算请求
        page.route("**/search/search_index.js*", lambda route: held.append(route))
        page.reload()  # 拦截要从头开着：打开之后才设，有时漏掉下一个请求
    page.keyboard.press("/")
    page.keyboard.type("KV cache用满了")
    if hosted:
        assert "正在初始化" in page.locator(".md-search-result__meta").inner_text()
        while not held:
            page.wait_for_timeout(20)
        held[0].continue_()
    page.locator(".md-search-result__item").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(address("infrastructure/scheduling"))))
    page.close()
    assert page.problems == []


def test_query_in_the_address_is_searched_at_once(address, visit):
    page = visit(address("appendix/facts") + "?q=梯度同步")
    link = page.locator(".md-search-result__item > a").first
    link.wait_for()
    assert link.evaluate("(link) => link.href") == address("training/distributed")
    page.close()
    assert page.problems == []


def test_results_are_clean(address, visit):
    """切出来的都是索引里的词，标出的、说缺的都是它们；同义词不显示。"""
    page = visit(address("business/cloud"))
    turn_to_search(page)
    page.evaluate(SEARCH, ["量化感知训练"])
    result, words = page.locator(".md-search-result__list"), {"量化", "感知", "训练"}
    marked = result.locator("mark").all_text_contents()
    assert {mark[:2] for mark in marked} == words, marked
    assert set(result.locator("del").all_text_contents()) <= words
    assert not result.locator(".md-tag").count()
    page.close()
    assert page.problems == []


def test_the_space_between_chinese_and_latin_does_not_matter(address, visit):
    page = visit(address("business/cloud"))
    turn_to_search(page)
    for query in ("GPU 利用率", "一百万 token 的成本", "KV cache 用满了"):
        (_, spaced), (_, glued) = page.evaluate(SEARCH, [query, re.sub(" (?!c)", "", query)])
        assert glued == spaced, query
    page.close()
    assert page.problems == []


def test_the_page_that_treats_it_comes_first(address, visit):
    wanted = queries()
    assert len(wanted) > 500
    page = visit(address("business/cloud"))
    turn_to_search(page)
    wrong, missed, times = [], [], []
    for (query, right), (time, found) in zip(wanted.items(), page.evaluate(SEARCH, [*wanted])):
        times.append(time)
        place = 1 + found.index(address(right)) if address(right) in found else None
        if place is None:
            missed.append(f"{query} → {right}")
        elif place > 1:
            wrong.append(f"{query} → {found[0]}，{right} 排第 {place}")
    first = len(wanted) - len(wrong) - len(missed)
    print(f"≈ {len(wanted)} 个查询，{first} 个头一条就对，中位 {median(times):.0f} ms")
    cure = "在那一页 front matter 的 tags 里写上读者用的词，或改正这里的期望"
    assert not missed, f"前十条里没有：{missed}；{cure}"
    assert first >= 0.95 * len(wanted), f"不在第一：{wrong}；{cure}"
    assert page.problems == []
