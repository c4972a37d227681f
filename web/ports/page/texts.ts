/** What is said when a server of the guest cannot be shown. The detail is of the machine's page. */
export interface Text {
  readonly title: string;
  readonly text: string;
  /** Something to type in the machine. */
  readonly command?: string;
}

export function problemText(problem: string, port: number): Text {
  switch (problem) {
    case "refused":
      return {
        title: `Nothing listens on port ${port}`,
        text: "No program in the machine takes connections there now. The page comes by itself when one does.",
      };
    case "loopback":
      return {
        title: `The server on port ${port} takes connections from within the machine only`,
        text: "It listens on 127.0.0.1. Start it on 0.0.0.0, and the page comes by itself. For example:",
        command: `python3 -m http.server --bind 0.0.0.0 ${port}`,
      };
    case "timed-out":
      return {
        title: `The server on port ${port} does not answer`,
        text: "It may be busy, or still starting. It is tried again from time to time.",
      };
    case "reset":
      return {
        title: `The server on port ${port} ended the connection`,
        text: "It may have ended, or have been started anew. It is tried again from time to time.",
      };
    case "not-http":
      return { title: `What listens on port ${port} is no web server`, text: "Its answer is not HTTP." };
    case "paused":
      return { title: "The machine is paused", text: "The page comes by itself when the machine goes on." };
    case "off":
      return { title: "The machine does not run", text: "The page comes by itself when it does." };
    case "too-much":
      return { title: "That was too much at once", text: "Too many requests are waiting for this server." };
    case "outside":
      return { title: "This leads out of the machine", text: "The server sends the page on to another site:" };
    case "not-allowed":
      return {
        title: "This page cannot be opened here",
        text: "The browser allows no service worker in this frame. Private windows, and browsers that block the storage of other sites, do so where the site and its machines' servers have different domains. On your own computer, open the site at http://warmboot.localhost and its port.",
      };
    case "no-frame":
      return {
        title: "This is a server in a machine",
        text: "It can be seen beside the machine that it runs in: open the machine, and the port in its panel Ports.",
      };
    case "no-machine":
      return {
        title: "The machine of this page is not running here",
        text: "The page comes by itself when the machine is open again.",
      };
    default:
      return { title: "Connecting to the machine…", text: "" };
  }
}
