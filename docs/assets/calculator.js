// 页面里的计算器：输入、结果和图都由 HTML 的属性写明，这里不认识任何一个公式。公式在 formulas.js。

// data-scale：参数 = 显示的数 × scale；写成 "/100" 就是除以 100。
const toArgument = (shown, scale = "1") => scale[0] === "/" ? shown / scale.slice(1) : shown * scale;
const toShown = (value, scale = "1") => scale[0] === "/" ? value * scale.slice(1) : value / scale;
const withCommas = (text) => text.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));

function shown(value, { scale, digits, exponent, unit = "", infinity = "∞" }) {
  if (!Number.isFinite(value)) return value === Infinity ? infinity : "—";
  const number = toShown(value, scale), text = exponent === undefined ? number.toFixed(digits) : number.toExponential(digits);
  return withCommas(text).replace(/^-(?=[0.]+$)/, "") + unit; // 舍入成零的负数不写负号
}

// data-arguments="a b=c n=1"：参数 a 取名叫 a 的输入或前面的结果，参数 b 取 c，参数 n 是 1。
function evaluate(results, values) {
  const known = { ...values };
  for (const { name, formula, given } of results) {
    const sources = given.split(" ").map((pair) => pair.split("=")).map(([key, from = key]) => [key, from]);
    try {
      known[name] = formulas[formula](Object.fromEntries(sources.map(([key, from]) => [key, known[from] ?? Number(from)])));
    } catch (error) { // 报错以参数名开头，界面要知道它从哪个输入来
      error.sources = new Map(sources);
      throw error;
    }
  }
  return known;
}

function ticks(from, to, most) {
  const rough = (to - from) / most, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((n) => n * power >= rough) * power, all = [];
  for (let n = Math.ceil(from / step - 1e-9); n * step <= to + step * 1e-9; n++) all.push(+(n * step).toPrecision(12));
  return all;
}

// 以上不碰页面，测试不用浏览器也能运行。
const labelOf = (field) => field.labels[0].firstChild.textContent.trim();
const bare = (field) => labelOf(field).replace(/（.*）/, "");

function add(parent, tag, attributes, text = "") {
  const node = document.createElementNS(parent.namespaceURI ?? "http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return parent.appendChild(node);
}

function draw({ x: xName, from, to, curves }, fields, results, values) {
  const [x, y, reference] = [xName, ...curves.split(" ")].map((name) => fields.find((field) => field.name === name));
  const now = Number(x.value), left = Math.min(from, now), right = Math.max(to, now);
  const at = (shownX) => {
    try { return evaluate(results, { ...values, [xName]: toArgument(shownX, x.dataset.scale) }); } catch { return {}; }
  };
  const height = (all, field) => toShown(all[field.name], y.dataset.scale);
  const samples = Array.from({ length: 81 }, (_, n) => left + (right - left) * n / 80), all = samples.map(at);
  const lines = [y, reference].filter(Boolean).map((field) => all.map((one) => height(one, field)));
  const heights = [0, height(values, y), ...lines.flat()].filter(Number.isFinite);
  const low = Math.min(...heights), high = Math.max(...heights) || 1, yTicks = ticks(low, high, 5);
  const start = 14 + 8 * Math.max(...yTicks.map((tick) => withCommas(String(tick)).length)), end = 338;
  const px = (value) => +(start + (value - left) / (right - left) * (end - start)).toFixed(1);
  const py = (value) => +(216 - (value - low) / (high - low) * 184).toFixed(1);

  const say = (one, field) => `${bare(field)} ${shown(one[field.name], { ...y.dataset, ...field.dataset })}`;
  let finding = `${labelOf(x)}从 ${left} 到 ${right}，${say(all[0], y)}变为 ${shown(all[80][y.name], y.dataset)}。现在 ${now}，${say(values, y)}`;
  if (reference) finding += `，${values[y.name] > values[reference.name] ? "高于" : "不高于"}${say(values, reference)}`;
  const svg = add(new DocumentFragment(), "svg", { viewBox: "0 0 360 264", role: "img", "aria-label": finding });
  add(svg, "text", { x: 4, y: 16 }, `${bare(y)}（${y.dataset.unit.trim()}）`);
  for (const tick of yTicks) {
    add(svg, "line", { class: tick ? "grid" : "axis", x1: start, x2: end, y1: py(tick), y2: py(tick) });
    add(svg, "text", { x: start - 6, y: py(tick) + 4, "text-anchor": "end" }, withCommas(String(tick)));
  }
  for (const tick of ticks(left, right, (end - start) / 60)) add(svg, "text", { x: px(tick), y: 234, "text-anchor": "middle" }, withCommas(String(tick)));
  add(svg, "text", { x: (start + end) / 2, y: 257, "text-anchor": "middle" }, labelOf(x));
  add(svg, "line", { class: "now", x1: px(now), x2: px(now), y1: 32, y2: 216 });
  lines.forEach((line, n) => { // 算不出来的点留出缺口
    const points = line.map((value, i) => Number.isFinite(value) ? `${Number.isFinite(line[i - 1]) ? "L" : "M"}${px(samples[i])} ${py(value)}` : "");
    add(svg, "path", { class: n ? "reference" : "curve", d: points.join("") });
    if (n) add(svg, "text", { x: end, y: py(line.findLast(Number.isFinite) ?? 0) - 7, "text-anchor": "end" }, bare(reference));
  });
  if (Number.isFinite(height(values, y))) add(svg, "circle", { cx: px(now), cy: py(height(values, y)), r: 5 });
  return svg;
}

function start(form) {
  const inputs = [...form.querySelectorAll("input")], outputs = [...form.querySelectorAll("output")];
  const results = outputs.map(({ name, dataset }) => ({ name, formula: dataset.function, given: dataset.arguments }));
  const figure = form.querySelector("figure");
  for (const input of inputs) {
    input.setAttribute("aria-describedby", `${input.name}-error`);
    input.messageNode = add(input.closest("div"), "p", { id: `${input.name}-error`, class: "calculator-error" });
  }
  const buttons = add(inputs[0].closest("form > div"), "div", { class: "calculator-buttons" });
  const copy = add(buttons, "button", { type: "button", class: "md-button" }, "复制链接");
  add(buttons, "button", { type: "reset", class: "md-button" }, "恢复默认");
  // 边改边念太吵：结果停下来之后，由这一处念给读屏软件。
  for (const output of outputs) output.setAttribute("aria-live", "off");
  const status = add(form, "p", { class: "calculator-status", "aria-live": "polite" });

  const outOfRange = ({ value, validity }) => value === "" || validity.rangeUnderflow || validity.rangeOverflow;
  let wrong, pause; // wrong：输入的名字 → 哪里不对

  function update() {
    let values;
    wrong = new Map(inputs.filter(outOfRange).map((input) =>
      [input.name, `${labelOf(input)}要填 ${withCommas(input.min)} 到 ${withCommas(input.max)} 之间的数`]));
    if (!wrong.size) {
      try {
        values = evaluate(results, Object.fromEntries(inputs.map(({ name, value, dataset }) =>
          [name, toArgument(Number(value), dataset.scale)])));
      } catch ({ message, sources }) { // 报错里的参数名换成读者看到的名称
        const label = (_, word) => labelOf(inputs.find((input) => input.name === sources.get(word)));
        wrong.set(sources.get(message.match(/^\w+/)[0]), message.replace(/，收到.*/, "").replace(/ ?\b([a-z]\w*) ?/g, label));
      }
    }
    for (const input of inputs) {
      input.setAttribute("aria-invalid", wrong.has(input.name));
      input.messageNode.textContent = wrong.get(input.name) ?? "";
    }
    for (const output of outputs) output.textContent = values ? shown(values[output.name], output.dataset) : "—";
    figure.replaceChildren(...values ? [draw(figure.dataset, [...inputs, ...outputs], results, values)] : []);
  }

  function link(carry) {
    const url = new URL(location.href);
    for (const { name, value } of inputs) carry ? url.searchParams.set(name, value) : url.searchParams.delete(name);
    return url;
  }
  function settle() { // 停下来之后：地址栏带上输入，读屏软件念结果
    clearTimeout(pause);
    const changed = inputs.some((input) => input.value !== input.defaultValue);
    if (!wrong.size) history.replaceState(history.state, "", link(changed));
    status.textContent = (wrong.size ? [...wrong.values()] : outputs.map((output) => `${labelOf(output)} ${output.textContent}`)).join("；");
  }
  function change() {
    update();
    clearTimeout(pause);
    pause = setTimeout(settle, 400);
  }

  form.addEventListener("input", change);
  form.addEventListener("reset", () => setTimeout(change));
  copy.addEventListener("click", async () => {
    settle();
    if (wrong.size) return;
    const url = link(true);
    url.hash = form.id;
    try {
      await navigator.clipboard.writeText(url);
      copy.textContent = "已复制";
    } catch { // 没有 https，或者没有许可
      history.replaceState(history.state, "", url);
      copy.textContent = "链接在地址栏";
    }
    status.textContent = copy.textContent;
    setTimeout(() => { copy.textContent = "复制链接"; }, 2000);
  });

  const given = new URLSearchParams(location.search);
  for (const input of inputs) {
    if (given.has(input.name)) input.value = given.get(input.name);
    if (outOfRange(input)) input.value = input.defaultValue;
  }
  form.hidden = false;
  update();
}

if (typeof document === "object") document.querySelectorAll("form.calculator").forEach(start);
