import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { NameServer } from "../../../proxy/test/support/name-server.ts";
import { TestRelay } from "../../../proxy/test/support/relay.ts";
import { startImageServer } from "../../../runtime-sdk/test/support/image-server.ts";
import type { MachineSettings } from "../machine/machine.ts";
import { Authority } from "./certificates.ts";
import { makeFiles } from "./files.ts";
import { Guest } from "./guest.ts";
import { openPlace, type Place } from "./places.ts";
import { PORT, Services } from "./services.ts";
import { WebSite } from "./web.ts";

const SITE = "93.184.216.34";
const UNTRUSTED_SITE = "93.184.216.35";
const SERVICES = "93.184.216.36";
const IMAGES = fileURLToPath(new URL("../../../image/.cache/", import.meta.url));

const NAMES: Readonly<Record<string, readonly string[]>> = {
  "site.example": [SITE],
  // The certificate is not for this name.
  "misnamed.example": [SITE],
  "untrusted.example": [UNTRUSTED_SITE],
  "services.example": [SERVICES],
  "inside.example": ["10.0.0.1"],
  "metadata.example": ["169.254.169.254"],
  "both.example": [SITE, "10.0.0.1"],
};

/** The internet of these tests with the relay that leads to it. Needs the network of proxy/test/lab/enter.sh. */
export class Lab {
  readonly authority = new Authority("Authority of the tests");
  readonly #stranger = new Authority("Nobody knows it");
  readonly #files = makeFiles();
  readonly #closing: (() => unknown)[] = [];
  /** The commit of `https://site.example/git/project.git`. */
  readonly commit = this.#files.commit;
  services!: Services;
  relay!: TestRelay;
  #names!: NameServer;
  #images!: { url: string };
  #place!: Place;

  static async open(): Promise<Lab> {
    const lab = new Lab();
    lab.#names = await NameServer.open();
    for (const [name, addresses] of Object.entries(NAMES)) lab.#names.set(name, ...addresses);
    lab.services = await Services.open(SERVICES);
    const images = await startImageServer(process.env["WARMBOOT_IMAGES"] ?? IMAGES);
    lab.#images = images;
    lab.#closing.push(
      () => lab.#names.close(),
      () => lab.services.close(),
      () => images.close(),
    );
    for (const [address, identity] of [
      [SITE, lab.authority.issue("site.example")],
      [UNTRUSTED_SITE, lab.#stranger.issue("untrusted.example")],
    ] as const) {
      const site = await WebSite.open(address, identity, lab.#files.directory);
      lab.#closing.push(() => site.close());
    }
    lab.#place = await openPlace();
    lab.#closing.unshift(() => lab.#place.close());
    await lab.startRelay(0);
    return lab;
  }

  /** Starts the relay; again, on the port that it had. @param auth who may use it; anybody by default */
  async startRelay(port = this.relay.port, auth: object = { anonymous: true }): Promise<void> {
    this.relay = await TestRelay.start({
      listen: { port },
      auth,
      origins: ["*"],
      policy: { ports: [80, 443, ...Object.values(PORT)], udpPorts: [PORT.datagrams] },
      dns: { servers: [`127.0.0.1:${this.#names.port}`] },
      timeouts: { connectSeconds: 5 },
    });
  }

  /** A machine whose network leads to the relay, online. */
  async boot(options: Pick<MachineSettings, "saved"> = {}): Promise<Guest> {
    const guest = await this.start(options);
    await guest.machine.until("online");
    return guest;
  }

  /** A machine whose network leads to the relay, or not. */
  async start(options: Pick<MachineSettings, "saved" | "tokens">): Promise<Guest> {
    const relay = `wisp://127.0.0.1:${this.relay.port}/`;
    const image = `${this.#images.url}/plain/default/image.json`;
    return new Guest(await this.#place.boot({ image, relay, ...options }));
  }

  /** Bytes of memory in use by what has the machines. */
  memory(): Promise<number> {
    return this.#place.memory();
  }

  async close(): Promise<void> {
    await this.relay.kill();
    for (const close of this.#closing) await close();
    this.authority.close();
    this.#stranger.close();
    rmSync(this.#files.directory, { recursive: true, force: true });
  }
}
