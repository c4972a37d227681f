import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { NameServer } from "../../proxy/test/support/name-server.ts";
import { axeFindings } from "../support/axe.ts";
import { freePort } from "../support/free-port.ts";
import { RelayProcess, relayToken } from "../support/relay-process.ts";
import { expect, test } from "../support/test.ts";

test("a relay is tried before it is used; a token goes to it, and is kept if that is wished; connections have names", async ({
  machine,
  baseURL,
}) => {
  const { page } = machine;
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      heard.push(String(bytes));
      socket.write("pong");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const names = await NameServer.open();
  names.set("site.example", "127.0.0.1");
  const { origin } = new URL(baseURL ?? "");
  const ours = await RelayProcess.start({
    origins: [origin],
    wantsTokens: true,
    server: { port, nameServerPort: names.port },
  });
  const others = await RelayProcess.start({ origins: ["https://elsewhere.example"], wantsTokens: false });
  const [good, bad] = [await relayToken(), await relayToken("another secret of these tests, known to nobody")];
  try {
    await machine.boot("?keep=no");
    const panel = await machine.panel("Network");
    const network = page.locator("#network");
    const result = panel.locator("form [role=status]");
    const use = () => panel.getByRole("button", { name: "Use it" }).click();
    const fill = async (address: string, token: string) => {
      await panel.getByLabel("Address").fill(address);
      await panel.getByLabel("Token, if it wants one").fill(token);
      await expect(result).toBeEmpty();
    };
    const tryIt = async (address: string, token = "") => {
      await fill(address, token);
      await panel.getByRole("button", { name: "Test it" }).click();
    };
    await expect(panel.getByRole("button", { name: "Test it" })).toBeDisabled();
    await panel.getByLabel("another").check();
    await tryIt(ours.address);
    await expect(result).toHaveText(/^The relay refuses: .*\(token-missing\)\.$/);
    await tryIt(ours.address, bad);
    await expect(result).toHaveText(/^The relay refuses: .*\(token-invalid\)\.$/);
    await tryIt(ours.address, good);
    await expect(result).toHaveText("It works: the relay takes connections of this page.");
    await tryIt(others.address);
    await expect(result).toHaveText(new RegExp(`^A server answers there, .* must have ${origin}\\.$`));
    expect(await axeFindings(page)).toEqual([]);
    await tryIt(`wisp://localhost:${await freePort()}/`);
    await expect(result).toHaveText("Nobody answers there.");
    await tryIt("https://relay.example/");
    await expect(panel.getByRole("alert")).toContainText("must begin with wisps://");
    // A try changes nothing.
    await expect(network).toHaveText("no network");

    await fill(ours.address, bad);
    await use();
    await expect(network).toHaveText("network refused");
    await expect(network).toHaveAttribute("title", /token/);
    await expect(panel).toContainText("The relay's code for it: token-invalid");
    await expect(panel).toContainText("It is not tried again before something is changed.");
    expect(await axeFindings(page)).toEqual([]);
    await fill(ours.address, good);
    await panel.getByLabel("Keep the token in this browser").check();
    await use();
    await expect(network).toHaveText("online");

    await page.evaluate(async (to) => {
      const command = `exec 3<>/dev/tcp/site.example/${to}; echo sum-$((6*7)) >&3; read -r line <&3`;
      await window.warmboot?.session?.spawn(["bash", "-c", command]);
    }, port);
    await expect(
      panel.getByRole("row", { name: new RegExp(`^site\\.example:${port} 7 bytes 4 bytes$`) }),
    ).toBeVisible();
    expect(heard).toEqual(["sum-42\n"]);

    const reloaded = async () => {
      await page.reload();
      await machine.prompt();
      await machine.panel("Network");
    };
    await reloaded();
    await expect(network).toHaveText("online");
    await expect(panel.getByLabel("Token, if it wants one")).toHaveValue(good);
    await panel.getByLabel("Keep the token in this browser").uncheck();
    await use();
    await reloaded();
    await expect(network).toHaveText("network refused");
    await expect(panel).toContainText("The relay's code for it: token-missing");
    await panel.getByLabel("this site's (it has none)").check();
    await use();
    await expect(network).toHaveText("no network");
  } finally {
    await ours.end();
    await others.end();
    await names.close();
    server.close();
  }
});
