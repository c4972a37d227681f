import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { KernelSession, NetworkStatus } from "warmboot";
import { boot, readAll } from "./support/machine.ts";

const lab = inject("netLab");
const text = new TextDecoder();
const network = { relay: lab.relay };

let session: KernelSession;
const states: NetworkStatus[] = [];
beforeAll(async () => {
  session = await boot({ network });
  session.on("network", (status) => states.push(status));
  await until(session, "online");
});
afterAll(() => session?.close());

/** Resolves when the way to the relay stands so. */
async function until(of: KernelSession, state: NetworkStatus["state"]): Promise<void> {
  if (of.network.state === state) return;
  await new Promise<void>((resolve) => {
    const stop = of.on("network", (status) => {
      if (status.state !== state) return;
      stop();
      resolve();
    });
  });
}

/** Resolves when somebody in the guest listens there. */
async function listening(port: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = session.on("port", (event) => {
      if (event.port !== port || event.state !== "listening") return;
      queueMicrotask(() => stop());
      resolve();
    });
  });
}

/** Runs a command that must succeed. */
async function run(command: string, of = session): Promise<string> {
  const { exitCode, stdout, stderr } = await of.exec(command, { timeoutMs: 120_000 });
  expect({ command, exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return stdout;
}

const python = (program: string, of = session) => run(`python3 - <<'END'\n${program}\nEND`, of);

describe("a machine with a network", () => {
  it("has an address, a route and a resolver with no step by hand", async () => {
    expect(await run("ip -4 -o address show dev eth0")).toContain("inet 10.0.2.15/24");
    expect(await run("ip route")).toContain("default via 10.0.2.2 dev eth0");
    expect(await run("cat /etc/resolv.conf")).toBe("nameserver 10.0.2.2\n");
  });

  it("reaches the gateway by ping, and learns that others cannot be asked", async () => {
    expect(await run("ping -c 3 -i 0.2 -W 20 10.0.2.2")).toContain("3 received");
    const { stdout, exitCode } = await session.exec("ping -c 1 -W 20 192.0.2.7");
    expect([stdout.includes("Packet filtered"), exitCode]).toEqual([true, 1]);
  });

  it("resolves names, and nothing that is not one", async () => {
    expect(await run("getent ahosts files.example | head -1")).toMatch(/^198\.1[89]\./);
    expect(await run("getent ahosts FILES.example | head -1")).toBe(
      (await run("getent ahosts files.example | head -1")).replace("files", "FILES"),
    );
    for (const name of ["onelabel", "1.2.3.400", "x.local"]) {
      expect((await session.exec(`getent ahosts ${name}`)).exitCode, name).toBe(2);
    }
    expect((await session.exec("getent ahostsv6 files.example")).stdout).not.toContain("2001:");
  });

  it("downloads and uploads with nothing changed on the way", async () => {
    const size = 8_000_000;
    const url = `http://files.example:${lab.http}`;
    const [hash] = (await run(`curl -sS ${url}/bytes/${size} | tee /tmp/file | sha256sum`)).split(" ");
    expect(await run("stat -c %s /tmp/file")).toBe(`${size}\n`);
    expect(await run(`curl -sS -T /tmp/file ${url}/sha`)).toBe(`${size} ${hash}\n`);
    // And these are the bytes that were sent.
    expect(await run("od -An -tu1 -j 300 -N 4 /tmp/file")).toBe("  65  72  79  86\n");
  });

  it("is told when nobody listens", async () => {
    const { exitCode, stderr } = await session.exec(`curl -sS -m 60 http://files.example:${lab.closed}/`);
    expect([exitCode, stderr]).toEqual([7, expect.stringContaining("Could not connect")]);
  });

  it("gets what was sent before a reset", async () => {
    expect(await run(`nc -w 60 reset.example ${lab.reset} </dev/null; true`)).toBe("some bytes\n");
  });

  it("has many connections at once", async () => {
    const program = `
import asyncio
async def one(i):
    reader, writer = await asyncio.open_connection("echo.example", ${lab.echo})
    message = b"%d " % i * 50
    writer.write(message)
    await writer.drain()
    answer = await reader.readexactly(len(message))
    return reader, writer, answer == message
async def main():
    done = await asyncio.gather(*[one(i) for i in range(200)])
    print(sum(same for _, _, same in done), len({w.get_extra_info("sockname") for _, w, _ in done}))
    for _, writer, _ in done: writer.close()
asyncio.run(main())`;
    expect(await python(program)).toBe("200 200\n");
  });

  it("asks DNS by TCP, and the time", async () => {
    const program = `
import socket, struct, time
query = struct.pack(">6H", 77, 0x100, 1, 0, 0, 0) + b"\\5files\\7example\\0" + struct.pack(">2H", 1, 1)
tcp = socket.create_connection(("10.0.2.2", 53))
tcp.sendall(struct.pack(">H", len(query)) + query + struct.pack(">H", len(query)) + query)
size = struct.unpack(">H", tcp.recv(2, socket.MSG_WAITALL))[0]
answer = tcp.recv(size, socket.MSG_WAITALL)
print(struct.unpack(">4H", answer[:8]), answer[-4], answer[-3] & 254)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.settimeout(60)
udp.sendto(b"\\x23" + bytes(47), ("192.0.2.123", 123))
reply, source = udp.recvfrom(100)
seconds = struct.unpack(">I", reply[40:44])[0] - 2208988800
print(source, reply[0] & 7, abs(seconds - time.time()) < 30)`;
    expect(await python(program)).toBe("(77, 33152, 1, 1) 198 18\n('192.0.2.123', 123) 4 True\n");
  });

  it("lists its connections while they are there", async () => {
    const process = await session.spawn(["nc", "silent.example", String(lab.silent)]);
    const reader = process.stdout.getReader();
    expect(text.decode((await reader.read()).value)).toBe("hello\n");
    const mine = (await session.network.connections()).filter(({ host }) => host === "silent.example");
    expect(mine).toEqual([
      {
        direction: "out",
        host: "silent.example",
        port: lab.silent,
        state: "open",
        sentBytes: 0,
        receivedBytes: 6,
      },
    ]);
    process.kill("SIGKILL");
    await process.exit;
  });
});

describe("when the relay is lost", () => {
  it("connections are reset at once, it comes back by itself, and the next one works", async () => {
    const process = await session.spawn(["nc", "-v", "silent.example", String(lab.silent)]);
    const reader = process.stdout.getReader();
    expect(text.decode((await reader.read()).value)).toBe("hello\n");
    states.length = 0;
    await fetch(`${lab.control}/drop`);
    // nc ends when its connection does; nobody else ends it.
    await process.exit;
    await until(session, "online");
    expect(states.map(({ state }) => state)).toEqual(expect.arrayContaining(["lost", "connecting", "online"]));
    expect(states[0]).toMatchObject({ state: "lost", reason: expect.any(String), retryInMs: expect.any(Number) });
    expect(await run(`curl -sS http://files.example:${lab.http}/`)).toBe(`hello files.example:${lab.http}\n`);
  });

  it("and none is wanted: names and connections fail at once", async () => {
    await session.network.setRelay(null);
    await until(session, "off");
    expect((await session.exec("getent ahosts files.example")).exitCode).toBe(2);
    const { exitCode, stderr } = await session.exec("nc -v -w 100 198.51.100.1 80 </dev/null");
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("Network is unreachable")]);
    await session.network.setRelay(network);
    await until(session, "online");
  });

  it("or does not answer: that is said, and tried again", async () => {
    await session.network.setRelay({ relay: `ws://127.0.0.1:${lab.closed}/` });
    await until(session, "lost");
    expect(session.network.status).toMatchObject({ state: "lost", code: null, retryInMs: expect.any(Number) });
    await session.network.setRelay(network);
    await until(session, "online");
  });
});

describe("from outside", () => {
  it("a port of the guest is reached, in both directions and to the end", async () => {
    const server = await session.spawn(["sh", "-c", "nc -l -N -p 4000 > /tmp/in < /tmp/file; sha256sum < /tmp/in"]);
    await listening(4000);
    const socket = await session.network.connect(4000);
    const bytes = Uint8Array.from({ length: 500_000 }, (_, i) => i * 31);
    const writer = socket.writable.getWriter();
    const writing = writer.write(bytes);
    const received = await readAll(socket.readable);
    await writing;
    // The guest has ended its side; ours is open still.
    await writer.write(bytes);
    await writer.close();
    await socket.closed;
    expect(received.byteLength).toBe(8_000_000);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob([bytes, bytes]).arrayBuffer()));
    const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    expect(text.decode(await readAll(server.stdout))).toBe(`${hex}  -\n`);
  });

  it("a port on which nobody listens refuses", async () => {
    await expect(session.network.connect(4999)).rejects.toMatchObject({
      code: "guest-connection-failed",
      reason: "refused",
      port: 4999,
    });
    await expect(session.network.connect(0)).rejects.toMatchObject({ code: "invalid-option" });
  });

  it("a guest that sends and is not read is held up", async () => {
    const server = await session.spawn(["sh", "-c", "yes | nc -l -N -p 4001"]);
    await listening(4001);
    const socket = await session.network.connect(4001);
    const sent = async () =>
      (await session.network.connections()).find(({ port, direction }) => port === 4001 && direction === "in")
        ?.sentBytes ?? 0;
    let before = -1;
    for (let now = await sent(); now !== before || now === 0; now = await sent()) {
      before = now;
      await run("sleep 0.3");
    }
    expect(before).toBeLessThanOrEqual(256 * 1024);
    const reader = socket.readable.getReader();
    let read = 0;
    while (read < 2_000_000) read += (await reader.read()).value?.byteLength ?? 0;
    socket.close();
    await server.exit;
  });

  it("HTTP: status, headers, bodies of all kinds, connections that are used again", async () => {
    const program = `
import http.server, threading
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200 if self.path == "/chunked" else 404, "As it is")
        self.send_header("X-Peer", "%s:%d" % self.client_address)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (b"one ", b"two ", b"three"): self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(part), part))
        self.wfile.write(b"0\\r\\n\\r\\n")
    def do_POST(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = b""
            while size := int(self.rfile.readline(), 16): body += self.rfile.read(size); self.rfile.readline()
            self.rfile.readline()
        else: body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Type", self.headers.get("Content-Type", "none"))
        self.end_headers()
        self.wfile.write(body[::-1])
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()`;
    const server = await session.spawn(["python3", "-c", program]);
    await listening(8000);
    const chunked = await session.network.fetch(8000, "/chunked");
    const peer = chunked.headers.get("x-peer");
    expect([chunked.status, await chunked.text()]).toEqual([200, "one two three"]);
    const missing = await session.network.fetch(8000, "http://guest/missing?x=1");
    expect([missing.status, missing.statusText, missing.headers.get("x-peer")]).toEqual([404, "As it is", peer]);
    await missing.text();
    const posted = await session.network.fetch(8000, "/", { method: "POST", body: "abcdef" });
    expect([posted.status, posted.headers.get("x-type"), await posted.text()]).toEqual([
      201,
      "text/plain;charset=UTF-8",
      "fedcba",
    ]);
    const large = Uint8Array.from({ length: 300_000 }, (_, i) => i);
    const body = new ReadableStream({
      start: (controller) => {
        for (let at = 0; at < large.byteLength; at += 50_000) controller.enqueue(large.slice(at, at + 50_000));
        controller.close();
      },
    });
    const streamed = await session.network.fetch(8000, "/", { method: "POST", body });
    expect(new Uint8Array(await streamed.arrayBuffer())).toEqual(large.reverse());
    const request = new Request("http://guest/", { method: "POST", body: "xyz", headers: { "content-type": "a/b" } });
    const asRequest = await session.network.fetch(8000, request);
    expect([asRequest.headers.get("x-type"), await asRequest.text()]).toEqual(["a/b", "zyx"]);
    server.kill("SIGKILL");
    await server.exit;
  });

  it("HTTP: an answer that is none, and a change of protocol", async () => {
    const answer = (port: number, reply: string) => {
      const program = `
import socket
connection, _ = socket.create_server(("", ${port})).accept()
request = b""
while b"\\r\\n\\r\\n" not in request: request += connection.recv(4096)
connection.sendall(b"${reply}")
connection.shutdown(socket.SHUT_WR)
open("/tmp/request-${port}", "wb").write(request)
while connection.recv(4096): pass`;
      return session.spawn(["python3", "-c", program]);
    };
    const nonsense = await answer(8001, "SSH-2.0-nothing\\r\\n");
    await listening(8001);
    await expect(session.network.fetch(8001, "/")).rejects.toMatchObject({ code: "guest-http-failed" });
    await nonsense.exit;
    const head = "HTTP/1.1 101 Changed\\r\\nUpgrade: tea\\r\\nConnection: upgrade\\r\\n\\r\\nfirst cup";
    const upgraded = await answer(8002, head);
    await listening(8002);
    const { headers, readable, writable } = await session.network.upgrade(8002, "/pot", {
      headers: { upgrade: "tea" },
    });
    await writable.close();
    expect([headers.get("upgrade"), text.decode(await readAll(readable))]).toEqual(["tea", "first cup"]);
    await upgraded.exit;
    expect(await run("cat /tmp/request-8002")).toMatch(/^GET \/pot HTTP\/1.1\r\n(.+\r\n)*upgrade: tea\r\n/);
  });
});

it("everything can be captured", async () => {
  const stop = new AbortController();
  const capture = readAll(session.network.capture({ signal: stop.signal }));
  await run("ping -c 1 -s 77 -W 20 10.0.2.2");
  stop.abort();
  const view = new DataView((await capture).buffer as ArrayBuffer);
  expect([view.getUint32(0, true), view.getUint32(20, true)]).toEqual([0xa1b23c4d, 1]);
  const echoes: string[] = [];
  for (let at = 24; at < view.byteLength; ) {
    const size = view.getUint32(at + 8, true);
    const isIcmp = view.getUint16(at + 28) === 0x0800 && view.getUint8(at + 16 + 23) === 1;
    if (isIcmp) echoes.push(`${view.getUint8(at + 16 + 34)}: ${size}`);
    at += 16 + size;
  }
  // An echo and its reply: 14 + 20 + 8 + 77.
  expect(echoes).toEqual(["8: 119", "0: 119"]);
});
