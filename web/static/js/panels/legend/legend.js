// @ts-check
/** The legend: what the marks look like, drawn by the stage itself, so that both always agree. */

/**
 * @param {HTMLElement} root
 * @param {{sampleOf: (kind: string) => Element|null}} house
 */
export function mount(root, { sampleOf }) {
  for (const place of root.querySelectorAll("[data-sample]")) {
    const sample = sampleOf(place.getAttribute("data-sample") ?? "");
    if (sample) place.replaceChildren(sample);
  }
  return { root };
}
