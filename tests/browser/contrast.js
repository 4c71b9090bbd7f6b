// Answers which elements' own text has less than 4.5 to 1 contrast with what is behind it (WCAG 2.2, 1.4.3).
() => {
  const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
    return .2126 * r + .7152 * g + .0722 * b; };
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const colour = (text) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const back = (node) => { for (; node; node = node.parentElement) {
    const found = colour(getComputedStyle(node).backgroundColor); if (found[3] === 255) return found.slice(0, 3); }
    return [255, 255, 255]; };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !node.checkVisibility() || node.closest(".skip, template, noscript")) continue;
    const [a, b] = [light(colour(getComputedStyle(node).color).slice(0, 3)), light(back(node))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) poor.push(`${node.className || node.tagName}: ${((a + .05) / (b + .05)).toFixed(2)}`);
  }
  return [...new Set(poor)];
}
