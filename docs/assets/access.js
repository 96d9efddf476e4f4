// 主题的脚本在页面上加的东西，等它加完再补无障碍的属性。
addEventListener("load", () => {
  // 每个代码块一个 nav，却没有名字，读屏软件的地标列表里全是它们。
  for (const nav of document.querySelectorAll(".md-code__nav")) nav.role = "none";

  // 太宽的表和公式在自己的框里滚动，只用键盘的读者也要能停在上面。
  const scroll = new ResizeObserver((boxes) => {
    for (const { target } of boxes)
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
  });
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap, math[display=block]")) scroll.observe(box);
});
