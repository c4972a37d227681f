// Tries to reach what is not its own; gives what it found, by the way that it tried. Run by a hostile page of the guest, and as a control by the site's own page.
async function probe() {
  const found = {};
  const attempt = async (way, what, longest = 3000) => {
    try {
      const late = new Promise((resolve) => setTimeout(() => resolve("no answer"), longest));
      found[way] = String(await Promise.race([what(), late]));
    } catch (error) {
      found[way] = `${error.name}: ${error.message}`;
    }
  };
  const answer = (port) =>
    new Promise((resolve) => {
      port.onmessage = ({ data }) => data.type !== "taken" && resolve(data);
    });
  await attempt("storage", () => localStorage.getItem("canary"));
  await attempt("parent-storage", () => parent.localStorage.getItem("canary"));
  await attempt("top-storage", () => top.sessionStorage.length + top.localStorage.getItem("canary"));
  await attempt("parent-document", () => parent.document.documentElement.outerHTML);
  await attempt("parent-machine", () => parent.warmboot.session.state);
  await attempt("opener", () => (window.opener ? window.opener.document.title : "none"));
  await attempt("database", async () => {
    const all = await indexedDB.databases();
    const database = await new Promise((resolve, reject) => {
      const opening = indexedDB.open("canary");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const names = `${all.map(({ name }) => name)} `;
    if (!database.objectStoreNames.contains("canary")) return `${names}empty`;
    return new Promise((resolve) => {
      const getting = database.transaction("canary").objectStore("canary").get("canary");
      getting.onsuccess = () => resolve(names + getting.result);
    });
  });
  const isFramed = parent !== window;
  if (isFramed) {
    const site = location.origin.replace(/\/\/[^.]+\./, "//");
    await attempt("site", async () => (await fetch(`${site}/?`)).text());
    await attempt("other-port", async () => (await fetch("http://localhost:9000/")).text());
    await attempt("other-origin", async () => (await fetch(location.origin.replace("8000-", "9000-"))).text());
    // A way to the machine is to be had; not for another port.
    await attempt(
      "link",
      async () => {
        const linked = new Promise((resolve) => {
          // What goes to the worker is taken before it gets there.
          ServiceWorker.prototype.postMessage = (_message, ports) => ports?.[0] && resolve(ports[0]);
        });
        parent.postMessage({ warmboot: "link-wanted", port: 9000 }, "*");
        const link = await linked;
        let texts = "";
        for (const path of ["/", "http://localhost:9000/", "//localhost:9000/", "/../:9000/"]) {
          const { port1, port2 } = new MessageChannel();
          const request = { method: "GET", path, port: 9000, headers: [["host", "localhost:9000"]], origin: null };
          link.postMessage(
            { type: "request", port: 9000, request: { ...request, referrer: "", documentPath: "/" }, body: null },
            [port2],
          );
          const { body } = await answer(port1);
          if (body) texts += await new Response(body).text();
        }
        return texts;
      },
      30_000,
    );
    await attempt("viewer", async () => {
      const { port1, port2 } = new MessageChannel();
      parent.postMessage({ warmboot: "viewer", machine: "served" }, "*", [port2]);
      return JSON.stringify(await answer(port1));
    });
    await attempt("navigate", () => {
      top.location.href = "about:blank";
      return "went";
    });
  }
  return JSON.stringify(found);
}
if (parent !== window)
  probe().then((text) => {
    document.querySelector("h1").textContent = text;
  });
