// @ts-check
/** Keeps the focus in the panel: the button that was pressed may be gone once it has done its work. */

/**
 * Notes what has the focus before the panel is drawn: a browser takes it from whatever is hidden, at once.
 * @param {HTMLElement} root The panel.
 * @returns {() => void} Called once it is drawn: the heading of the step, or of the panel, gets a focus that is lost.
 */
export function keepsFocus(root) {
  const had = root.ownerDocument.activeElement;
  if (!had || !root.contains(had)) return () => {};
  return () => {
    const at = root.ownerDocument.activeElement;
    if (had.checkVisibility() || (at !== had && at !== root.ownerDocument.body)) return;
    /** @type {HTMLElement|null} */
    const heading = root.querySelector("#lesson-step-heading") ?? root.querySelector("[data-lesson-heading]");
    heading?.focus({ preventScroll: true });
  };
}
