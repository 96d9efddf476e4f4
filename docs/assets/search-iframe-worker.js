// 主题的搜索，改四处：什么时候取索引，怎样切查询，怎样排页，从磁盘打开时在哪里跑。在主题的脚本之前加载。
// 文件名里要有 iframe-worker：没有这样一个文件，offline 插件会向第三方要一个。
(() => {
  // 一、索引很大，读者用到搜索时才取。从磁盘打开时索引是脚本，主题自己会等。
  const { open, send } = XMLHttpRequest.prototype;
  const wanted = new Promise((resolve) =>
    addEventListener("focusin", ({ target }) => target.closest(".md-search") && resolve()));
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.late = /search_index\.json$/.test(url);
    return open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = async function (body) {
    if (this.late) await wanted;
    send.call(this, body);
  };

  const HAN = /\p{Script=Han}+/gu;
  const words = new Set(); // 索引里的中文词，构建时用零宽空格隔开
  const pages = new Map(); // 每页的全文
  const queries = []; // 还没有结果的查询

  // “GPU利用率”等于“GPU 利用率”：全文和查询都写成后一种。
  const plain = (text) =>
    text.toLowerCase().replace(/(?<=\p{Script=Han})(?=\w)|(?<=\w)(?=\p{Script=Han})/gu, " ");
  const pageOf = ({ location }) => location.split("#")[0];

  function learn(docs) {
    for (const doc of docs) {
      const text = [doc.title, doc.text, ...(doc.tags ?? [])].join("\n").replace(/<[^>]*>/g, "");
      for (const [word] of text.matchAll(HAN)) words.add(word);
      pages.set(pageOf(doc), (pages.get(pageOf(doc)) ?? "") + plain(text.replaceAll("\u200b", "")));
    }
  }

  // 二、主题切查询时丢掉末一个字，“量化”成了“量”。这里按索引里的词切；字间加反斜杠，主题就不再切。
  function cut(run) {
    const found = [];
    for (let start = 0, covered = 0; start < run.length; start++) {
      for (let end = start + 2; end <= run.length; end++)
        if (words.has(run.slice(start, end))) {
          found.push(run.slice(start, end));
          covered = Math.max(covered, end);
        }
      if (start >= covered) found.push(run[start]);
    }
    return ` ${found.map((word) => [...word].join("\\")).join(" ")} `;
  }

  // 三、主题给每一节打分，一页只看最好的一节。再数整个查询在全页出现几次，讲得多的页排前。
  function rank(items, query) {
    const phrase = new RegExp(`(?<!\\w)${query.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?!\\w)`, "g");
    for (const group of items) {
      const page = pageOf(group[0]);
      const times = pages.get(page).match(phrase)?.length ?? 0;
      const weight = page.startsWith("appendix/") ? 0.3 : 1; // 附录什么都提到，讲解在别的页
      for (const item of group) {
        item.score *= weight * (1 + 3 * Math.log1p(times));
        delete item.tags; // 页首的 tags 是同义词，只用来搜，不显示
      }
    }
    items.sort(([a], [b]) => b.score - a.score);
  }

  // 四、从磁盘打开的页面不许启动 Worker，同样的脚本改在隐藏的框架里跑，收发消息的办法不变。
  class IFrameWorker {
    constructor(url) {
      const frame = document.body.appendChild(document.createElement("iframe"));
      frame.hidden = true;
      this.inner = frame.contentWindow;
      this.inner.document.open();
      this.inner.document.close();
      this.inner.postMessage = (data) => this.onmessage({ data: structuredClone(data) });
      this.inner.importScripts = async (...urls) => { for (const one of urls) await this.load(one); };
      this.loaded = this.load(url);
    }
    load(src) {
      const script = this.inner.document.createElement("script");
      return new Promise((onload) => this.inner.document.body.append(Object.assign(script, { src, onload })));
    }
    async postMessage(data) {
      await this.loaded;
      this.inner.dispatchEvent(new MessageEvent("message", { data: structuredClone(data) }));
    }
  }
  if (location.protocol === "file:") window.IFrameWorker = IFrameWorker; // 主题的脚本认这个名字
  const Thread = window.IFrameWorker ?? Worker;

  // 主题取到索引才发第一条消息，那时再启动。Zensical 的消息是别的样子，原样放行。
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.url = url;
    }
    start() {
      const thread = new Thread(this.url);
      thread.onmessage = ({ data }) => {
        if (data.data?.items && queries.length) rank(data.data.items, queries.shift());
        const event = new MessageEvent("message", { data });
        this.dispatchEvent(event);
        this.onmessage?.(event);
      };
      return thread;
    }
    postMessage({ type, data, ...rest }) {
      this.thread ??= this.start();
      if (data?.docs) learn(data.docs);
      if (typeof data === "string") {
        queries.push(plain(data.trim()));
        data = plain(data).replace(HAN, cut);
      }
      this.thread.postMessage({ type, data, ...rest });
    }
  };
})();
