// @ts-check
/**
 * Dialogs: a button with `data-opens="help"` opens the dialog with `data-dialog="help"`, at the part that
 * `data-opens-at` names, if the dialog has parts. A form with `method="dialog"` closes it, and so does Escape.
 */

/**
 * Opens a dialog, if the page has it.
 * @param {ParentNode} page
 * @param {string} name
 * @param {string} [part] It comes with the dialog's event "open".
 */
export function openDialog(page, name, part = "") {
  const dialog = page.querySelector(`[data-dialog="${name}"]`);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  dialog.showModal();
  // The browser scrolls to whatever gets the focus.
  dialog.scrollTop = 0;
  dialog.dispatchEvent(new CustomEvent("open", { detail: part }));
}

/**
 * Asks something in a dialog.
 * @param {HTMLDialogElement} dialog
 * @returns {Promise<string>} The value of the button that closed it; "" if none did.
 */
export function closedWith(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}

/** @param {Document} page */
export function listenForDialogs(page) {
  page.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-opens]") : null;
    if (button) openDialog(page, button.getAttribute("data-opens") ?? "", button.getAttribute("data-opens-at") ?? "");
  });
}
