// @ts-check
/**
 * Loads the page again, once, if a script or a style sheet did not arrive: with one module missing, nothing
 * starts, and a browser does not ask for it again. A laptop that changes its network meanwhile is enough.
 *
 * This stands in the page itself, so that it is there whatever else is missing.
 */
{
  const AGAIN_AFTER_MS = 1000;
  let isWhole = true;
  const note = (/** @type {Event} */ { target }) => {
    const isStyle = target instanceof HTMLLinkElement && target.rel === "stylesheet";
    if (isStyle || target instanceof HTMLScriptElement) isWhole = false;
  };
  // These errors do not bubble. Of a script's modules, the script itself tells.
  addEventListener("error", note, { capture: true });
  addEventListener("load", () => {
    if (isWhole) return;
    for (const words of document.querySelectorAll("[data-missing]")) words.removeAttribute("hidden");
    const [navigation] = performance.getEntriesByType("navigation");
    const isAgain = navigation instanceof PerformanceNavigationTiming && navigation.type === "reload";
    if (!isAgain) setTimeout(() => location.reload(), AGAIN_AFTER_MS);
  });
}
