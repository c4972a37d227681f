import type { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { TestClient, type TestClientOptions } from "./client.ts";
import { Internet } from "./internet.ts";
import { TestRelay } from "./relay.ts";

type Config = Parameters<typeof TestRelay.start>[0];

/** A site that does what the test says, a relay, and clients. */
export class Stage {
  /** What the site on port 80 does with the next connections. */
  serve: (socket: Socket) => void = () => {};
  #internet: Internet | null = null;
  #relay: TestRelay | null = null;
  #clients: TestClient[] = [];

  get internet(): Internet {
    if (!this.#internet) throw new Error("the stage is not set");
    return this.#internet;
  }

  get relay(): TestRelay {
    if (!this.#relay) throw new Error("the stage is not set");
    return this.#relay;
  }

  async set(): Promise<void> {
    this.#internet = await Internet.open([80], (socket) => this.serve(socket));
  }

  /** Starts the relay, also in place of the one that is there. */
  async start(config: Config): Promise<void> {
    await this.#relay?.kill();
    this.#relay = await TestRelay.start(config);
  }

  /** A client that is closed when the test is over. */
  async open(options: TestClientOptions = {}): Promise<TestClient> {
    const client = await TestClient.open(this.relay.url, options);
    this.#clients.push(client);
    return client;
  }

  /** After a test: the relay must have lived through it. */
  async clear(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    this.#clients = [];
    expect(this.relay.isRunning).toBe(true);
    await this.relay.kill();
    this.#relay = null;
    await this.internet.hangUp();
  }
}

/** A stage for the tests of one file, with a new relay for each. */
export function stage(config: Config = {}): Stage {
  const made = new Stage();
  beforeAll(() => made.set());
  beforeEach(() => made.start(config));
  afterEach(() => made.clear());
  afterAll(() => made.internet.close());
  return made;
}
