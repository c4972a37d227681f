/** Address of the tab that shows a port of a machine. `machine`: `null` for one that is not kept. */
export function portTab(machine: string | null, port: number, path = "/"): string {
  const address = new URL("port.html", document.baseURI);
  if (machine !== null) address.searchParams.set("machine", machine);
  address.searchParams.set("port", String(port));
  if (path !== "/") address.searchParams.set("path", path);
  return address.href;
}
