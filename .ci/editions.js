// 在浏览器里把各页的正文并成一本书：锚点前加页名，页间的链接改为书内的链接。
({ cover, pages, style }) => {
  const root = new URL(".", location).href;
  const keys = new Map(pages.map((page) => [root + page.file, page.key]));
  const add = (parent, tag, text = "") =>
    parent.appendChild(Object.assign(document.createElement(tag), { textContent: text }));

  const book = document.body.cloneNode();
  const [header, contents] = [add(book, "header"), add(book, "nav")];
  header.className = contents.className = "md-typeset";
  for (const text of Object.values(cover)) add(header, "p", text);
  add(contents, "p", "目录"); // 用标题的话，Chromium 会在书签里把文档的第一个标题写两遍
  style = add(document.head, "style", style);

  let chapter = "";
  for (const page of pages) {
    const article = new DOMParser().parseFromString(page.html, "text/html").querySelector("article");
    if (article.querySelector("[src]")) throw Error(`${page.file}: 书里只收内嵌的图，请改用片段画的 SVG`);
    for (const node of article.querySelectorAll(".md-content__button, .headerlink, form, metadata")) node.remove();
    for (const node of article.querySelectorAll("noscript")) node.replaceWith(...node.childNodes);
    for (const node of article.querySelectorAll("details")) node.open = true;
    for (const node of article.querySelectorAll("svg g")) node.removeAttribute("id"); // 每幅图里都相同，没有人引用
    for (const node of article.querySelectorAll("td code")) node.innerHTML = node.innerHTML.replaceAll("_", "_<wbr>");

    const inBook = (href) => {
      const url = new URL(href, root + page.file), key = keys.get(url.href.split("#")[0]);
      return key ? `#${key}${decodeURIComponent(url.hash).replace("#", ".")}` : href;
    };
    for (const node of article.querySelectorAll("*"))
      for (const attribute of node.attributes)
        if (attribute.name === "id") attribute.value = `${page.key}.${attribute.value}`;
        else if (attribute.name.endsWith("href")) attribute.value = inBook(attribute.value);
        else attribute.value = attribute.value.replace("url(#", `url(#${page.key}.`);

    if (page.chapter !== chapter) add(contents, "p", (chapter = page.chapter));
    const link = Object.assign(add(contents, "a"), { href: `#${page.key}` });
    for (const text of [page.name, article.querySelector("h1").textContent, ""]) add(link, "span", text);
    article.id = article.style.page = page.key;
    style.append(`@page ${page.key} { @top-right { content: ${JSON.stringify(page.name)} } }`);
    book.append(article);
  }
  document.title = cover.title;
  document.body = book;
}
