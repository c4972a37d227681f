import { element } from "./element.ts";

/** Asks before something that cannot be taken back. Resolves to true when the person agrees. */
export function confirmLoss(title: string, text: string, agree: string): Promise<boolean> {
  const dialog = element("dialog", {
    class: "help",
    attributes: { "aria-labelledby": "confirm-title" },
    children: [
      element("form", {
        attributes: { method: "dialog" },
        children: [
          element("h2", { text: title, attributes: { id: "confirm-title" } }),
          element("p", { text }),
          element("div", {
            class: "actions",
            children: [
              element("button", { class: "button primary", text: agree, attributes: { value: "yes" } }),
              element("button", { class: "button plain", text: "Keep it", attributes: { value: "no" } }),
            ],
          }),
        ],
      }),
    ],
  });
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
