// @ts-check
/**
 * Dialogs: a button with `data-opens="help"` opens the dialog with `data-dialog="help"`. A form with
 * `method="dialog"` closes it, and so does Escape.
 */

/**
 * Opens a dialog, if the page has it.
 * @param {ParentNode} page
 * @param {string} name
 */
export function openDialog(page, name) {
  const dialog = page.querySelector(`[data-dialog="${name}"]`);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

/** @param {Document} page */
export function listenForDialogs(page) {
  page.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-opens]") : null;
    if (button) openDialog(page, button.getAttribute("data-opens") ?? "");
  });
}
