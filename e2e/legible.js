// Reads the page as an eye does: all texts that are seen, how large they are drawn, what lies over
// what, and what is cut off. Returns {texts, faults}. A function, evaluated in the page.
() => {
  // How much of a line's height may be shared with another: its leading.
  const LEADING = 0.2;
  const NODE_OF_PART = { "outbox": "postgresql", "dead-letters": "rabbitmq" };
  const FIELDS = "input:not([type=radio], [type=checkbox], [type=range], [type=file]), select";
  const dialog = document.querySelector("dialog[open]");
  // A panel that lies over the page hides what is below it.
  const sheet = [...document.querySelectorAll("aside")]
    .find((each) => getComputedStyle(each).zIndex !== "auto" && each.checkVisibility());
  const faults = [];

  const meet = (a, b) => ({
    left: Math.max(a.left, b.left), right: Math.min(a.right, b.right),
    top: Math.max(a.top, b.top), bottom: Math.min(a.bottom, b.bottom),
  });
  const least = ({ left, right, top, bottom }) => Math.min(right - left, bottom - top);
  const ancestors = function* (element) {
    for (let each = element; each; each = each.parentElement) yield each;
  };
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) &&
    [...ancestors(element)].every((each) => {
      const { clipPath, opacity } = getComputedStyle(each);
      return clipPath === "none" && opacity !== "0";
    });
  const isUnderSheet = (element, box) =>
    Boolean(sheet) && !sheet.contains(element) && least(meet(box, sheet.getBoundingClientRect())) > 0;

  // What is left of a box by all that cuts off what leaves it, and whether one of them scrolls.
  const visible = (box, inside) => {
    let left = box;
    let scrolls = false;
    for (const each of ancestors(inside)) {
      const { overflowX, overflowY } = getComputedStyle(each);
      const isPage = each === document.body || each === document.documentElement;
      if (isPage || each instanceof SVGElement || overflowX === "visible") continue;
      left = meet(left, each.getBoundingClientRect());
      scrolls ||= overflowX === "auto" || overflowY === "auto";
    }
    return { left, scrolls };
  };
  const sizeOf = (element) => {
    const size = parseFloat(getComputedStyle(element).fontSize);
    const matrix = element instanceof SVGGraphicsElement ? element.getScreenCTM() : null;
    return matrix ? size * Math.hypot(matrix.b, matrix.d) : size;
  };
  const hookOf = (element) => {
    for (const each of ancestors(element)) {
      const hook = [...each.attributes].find(({ name }) => name === "class" || name.startsWith("data-"));
      if (hook) return `${hook.name}=${hook.value}`;
    }
    return element.localName;
  };
  const see = (element, node, text, rect, inside) => {
    const { left: box, scrolls } = visible(rect, inside);
    return { element, node, text, rect, box, scrolls, size: sizeOf(element), where: hookOf(element) };
  };

  const all = [];
  const top = dialog ?? document.body;
  const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const isWritten = node.data.trim() && !element.closest("title, script, style, option, noscript, defs");
    if (!isWritten || !isSeen(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) all.push(see(element, node, node.data.trim(), rect, element));
  }
  for (const field of top.querySelectorAll(FIELDS)) {
    if (!isSeen(field)) continue;
    const text = field.value || field.placeholder;
    all.push(see(field, field, text, field.getBoundingClientRect(), field.parentElement));
  }
  // A skip link is left of the window, and a type of size 0 hides what is said by other means.
  const written = all.filter(({ element, rect, size }) =>
    least(rect) > 1 && size > 0 && rect.right > 0 && !isUnderSheet(element, rect));
  const texts = written.filter(({ box }) => least(box) > 1);
  const controls = [...top.querySelectorAll("button, input, select, summary")].filter(isSeen)
    .map((each) => {
      const name = each.ariaLabel ?? each.textContent.trim();
      return see(each, each, name, each.getBoundingClientRect(), each.parentElement);
    })
    .filter(({ element, rect, box }) => least(box) > 1 && !isUnderSheet(element, rect));

  const say = (what, ...which) => {
    faults.push(`${what}: ${which.map(({ text, where }) => `"${text}" (${where})`).join(" and ")}`);
  };
  const core = ({ left, right, top: upper, bottom }) => {
    const by = (bottom - upper) * LEADING;
    return { left: left + 1, right: right - 1, top: upper + by, bottom: bottom - by };
  };
  const areOver = (a, b) => least(meet(core(a.box), core(b.box))) > 1;
  const areParts = (a, b) => a.element.contains(b.element) || b.element.contains(a.element);

  texts.forEach((a, index) => {
    for (const b of texts.slice(index + 1)) if (a.node !== b.node && areOver(a, b)) say("texts over each other", a, b);
    for (const b of controls) if (!areParts(a, b) && areOver(a, b)) say("a text over a control", a, b);
  });
  controls.forEach((a, index) => {
    for (const b of controls.slice(index + 1)) if (!areParts(a, b) && areOver(a, b)) say("controls over each other", a, b);
  });

  // What is written on the stage keeps clear of the marks, and of all nodes but its own.
  const onStage = dialog ? [] : texts.filter(({ element }) => element.closest("[data-loop]"));
  const shapes = [...document.querySelectorAll("[data-node] [data-shape]")]
    .map((shape) => ({ name: shape.closest("[data-node]").dataset.node, box: shape.getBoundingClientRect() }));
  for (const text of onStage) {
    const own = text.element.closest("[data-node]")?.dataset.node;
    for (const { name, box } of shapes) {
      const isOwn = name === own || name === NODE_OF_PART[own];
      if (!isOwn && least(meet(core(text.box), box)) > 1) say(`over the ${name}`, text);
    }
    for (const mark of document.querySelectorAll("[data-mark]:not([hidden]) [data-body]")) {
      if (least(meet(core(text.box), mark.getBoundingClientRect())) > 2) say("under a mark", text);
    }
  }
  const truths = dialog ? null : document.querySelector("[data-orientation=lying] [data-truths]");
  for (const { name, box } of truths ? shapes : []) {
    if (least(meet(truths.getBoundingClientRect(), box)) > 0) faults.push(`the two truths over the ${name}`);
  }

  for (const text of written) {
    const { element, rect, box, scrolls } = text;
    const shortens = [...ancestors(element)].slice(0, 3).some((each) => getComputedStyle(each).textOverflow === "ellipsis");
    // What an ellipsis stands for is in a title, or is shown once it has the focus.
    const isShortened = shortens && element.closest("[title], [tabindex]") !== null;
    const lost = { x: rect.width - (box.right - box.left), y: rect.height * (1 - 2 * LEADING) - (box.bottom - box.top) };
    if (box.right > innerWidth + 1) say("beyond the window", text);
    if (lost.x > 1 && !isShortened && (!scrolls || box.bottom > box.top)) say("cut off at the side", text);
    if (lost.y > 1 && !scrolls) say("cut off below", text);
  }
  return { texts: texts.map(({ text, where, size }) => ({ text, where, size: Math.round(size * 100) / 100 })), faults };
}
