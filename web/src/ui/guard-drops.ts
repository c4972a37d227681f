/** Keeps a file that is dropped, and that nobody takes, from being opened in the place of the machine. */
export function guardDrops(): void {
  for (const type of ["dragover", "drop"] as const)
    window.addEventListener(type, (event) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    });
}
