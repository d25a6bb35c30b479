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

/** @param {Document} page */
export function listenForDialogs(page) {
  page.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-opens]") : null;
    if (button) openDialog(page, button.getAttribute("data-opens") ?? "", button.getAttribute("data-opens-at") ?? "");
  });
}
