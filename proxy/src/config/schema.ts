import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { z } from "zod";
import { parseServer } from "../dns/forwarder.ts";
import { RECORD_TYPE, type RecordTypeName } from "../dns/message.ts";
import { AddressRanges } from "../policy/address.ts";
import { parseHost } from "../policy/host.ts";

/** Timers of Node go no further. */
const MAX_SECONDS = 2 ** 31 / 1000 - 1;
const RECORD_TYPES = Object.keys(RECORD_TYPE) as [RecordTypeName, ...RecordTypeName[]];

const port = z.int().min(1).max(65535);
const listeningPort = z.int().min(0).max(65535);
const seconds = z.number().positive().max(MAX_SECONDS);
const count = z.int().positive();
const rate = z.int().nonnegative();
const path = z.string().min(1);
const address = z.string().refine((text) => isIP(text) !== 0, "must be an IP address");

const range = z.string().superRefine((text, context) => {
  try {
    new AddressRanges([text]);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
  }
});

const listedHost = z.string().refine((text) => {
  if (text === "*") return true;
  const host = parseHost(text.startsWith(".") ? `x${text}` : text);
  const spelling = host?.type === "name" ? host.name : host?.address;
  return spelling === (text.startsWith(".") ? `x${text}` : text);
}, 'must be a name in lower case ("example.org"), what is below one (".example.org"), an address in its short spelling, or "*"');

const nameServer = z.string().refine((text) => {
  const { address: server, port: serverPort } = parseServer(text);
  return isIP(server) !== 0 && port.safeParse(serverPort).success;
}, "must be an address, with or without a port");

const origin = z.string().refine((text) => {
  try {
    return text === "*" || new URL(text).origin === text;
  } catch {
    return false;
  }
}, 'must be an origin as browsers send it ("https://app.example"), or "*"');

const secret = z.string().min(32, "must have at least 32 characters; make one with `openssl rand -base64 32`");

const allowedRange = z
  .strictObject({ range, ports: z.array(port).min(1), loopback: z.boolean().default(false) })
  .superRefine(({ range: text, loopback }, context) => {
    if (!loopback && touchesLoopback(text))
      context.addIssue({
        code: "custom",
        message: `"${text}" holds addresses of the relay's own machine; if that is meant, set "loopback": true`,
      });
  });

/** Whether a range that is well-formed and one of loopback and unspecified addresses overlap. */
function touchesLoopback(text: string): boolean {
  let wide: AddressRanges;
  try {
    wide = new AddressRanges([text]);
  } catch {
    return false;
  }
  const [first = ""] = text.split("/");
  const own = new AddressRanges(["127.0.0.0/8", "0.0.0.0/8", "::/127", "::ffff:127.0.0.0/104"]);
  return (
    own.includes(first) || ["127.0.0.1", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"].some((each) => wide.includes(each))
  );
}

const clientLimits = (defaults: { connections: number; streams: number; connects: number }) =>
  z
    .strictObject({
      connections: count.default(defaults.connections),
      streamsPerConnection: count.default(defaults.streams),
      connectsPerMinute: count.default(defaults.connects),
      namesPerMinute: count.default(600),
      ticketsPerMinute: count.default(60),
      downBytesPerSecond: rate.default(0),
      upBytesPerSecond: rate.default(0),
    })
    .prefault({});

const jwt = z
  .strictObject({
    issuer: z.string().min(1),
    audience: z.string().min(1),
    algorithms: z
      .array(
        z.enum([
          "EdDSA",
          "ES256",
          "ES384",
          "ES512",
          "RS256",
          "RS384",
          "RS512",
          "PS256",
          "PS384",
          "PS512",
          "HS256",
          "HS384",
          "HS512",
        ]),
      )
      .min(1),
    keysFile: path.optional(),
    keysUrl: z.url({ protocol: /^https$/ }).optional(),
    secret: secret.optional(),
    secretFile: path.optional(),
    type: z.string().min(1).optional(),
    maxAgeSeconds: seconds.default(86_400),
    clockSkewSeconds: z.number().nonnegative().max(300).default(5),
  })
  .superRefine(({ keysFile, keysUrl, secret: shared, secretFile, algorithms }, context) => {
    const sources = [keysFile, keysUrl, shared, secretFile].filter((each) => each !== undefined).length;
    const fail = (message: string) => context.addIssue({ code: "custom", message });
    if (sources !== 1) fail("needs one of keysFile, keysUrl, secret and secretFile, and only one");
    const symmetric = algorithms.filter((each) => each.startsWith("HS"));
    const isShared = shared !== undefined || secretFile !== undefined;
    // WHY: a public key that is taken for a shared secret lets everybody sign.
    if (symmetric.length !== (isShared ? algorithms.length : 0))
      fail("HS algorithms go with a secret, all others with keys");
  });

/** The whole configuration. Every default is here. */
export const schema = z
  .strictObject({
    listen: z
      .strictObject({
        host: z.string().min(1).default("127.0.0.1"),
        port: listeningPort.default(8443),
        tls: z.strictObject({ certFile: path, keyFile: path }).optional(),
      })
      .prefault({}),
    operations: z
      .strictObject({ host: z.string().min(1).default("127.0.0.1"), port: listeningPort.default(9464) })
      .nullable()
      .prefault({}),
    trustedProxies: z.array(range).default([]),
    origins: z.array(origin).default([]),
    requireOrigin: z.boolean().default(false),
    auth: z
      .strictObject({
        anonymous: z.boolean().default(false),
        jwt: jwt.optional(),
        revocationsFile: path.optional(),
        recheckSeconds: seconds.default(30),
      })
      .prefault({}),
    tickets: z
      .strictObject({
        secret: secret.optional(),
        secretFile: path.optional(),
        lifetimeSeconds: seconds.default(60),
      })
      .prefault({}),
    policy: z
      .strictObject({
        mode: z.enum(["enforce", "report"]).default("enforce"),
        ports: z.array(port).default([80, 443]),
        udpPorts: z.array(port).default([]),
        allowHosts: z.array(listedHost).default([]),
        denyHosts: z.array(listedHost).default([".localhost", ".local", ".internal", ".home.arpa", ".onion"]),
        directAddresses: z.enum(["allow", "deny"]).default("allow"),
        allowAddresses: z.array(allowedRange).default([]),
        denyAddresses: z.array(range).default([]),
        ownAddresses: z.array(address).default([]),
        ipv6: z.boolean().default(false),
      })
      .prefault({}),
    dns: z
      .strictObject({
        servers: z.array(nameServer).default([]),
        timeoutSeconds: seconds.max(60).default(5),
        concurrency: count.max(1024).default(32),
        resolver: z.boolean().default(true),
        types: z
          .array(z.enum(RECORD_TYPES))
          .default(["A", "AAAA", "CNAME", "MX", "NS", "SOA", "SRV", "PTR", "CAA", "HTTPS", "SVCB"]),
      })
      .prefault({}),
    limits: z
      .strictObject({
        subject: clientLimits({ connections: 16, streams: 512, connects: 3000 }),
        anonymous: clientLimits({ connections: 4, streams: 256, connects: 600 }),
        address: z
          .strictObject({
            sockets: count.default(256),
            attemptsPerMinute: count.default(240),
          })
          .prefault({}),
        connections: count.default(10_000),
        bufferBytes: z
          .int()
          .min(1024 * 1024)
          .default(16 * 1024 * 1024),
        windowPackets: z.int().min(8).max(1024).default(128),
        maxCreditBytes: z
          .int()
          .min(65_536)
          .max(2 ** 31)
          .default(16 * 1024 * 1024),
        leaseSeconds: seconds.min(3).default(30),
      })
      .prefault({}),
    timeouts: z
      .strictObject({
        headersSeconds: seconds.default(10),
        handshakeSeconds: seconds.default(10),
        connectSeconds: seconds.default(10),
        streamIdleSeconds: seconds.default(900),
        streamLifetimeSeconds: seconds.default(86_400),
        lingerSeconds: seconds.default(30),
        lingerBytes: count.default(64 * 1024 * 1024),
        connectionIdleSeconds: seconds.default(3600),
        connectionLifetimeSeconds: seconds.default(86_400),
        pingSeconds: seconds.default(30),
        pongSeconds: seconds.default(30),
        drainSeconds: seconds.default(30),
      })
      .prefault({}),
    redis: z
      .strictObject({
        url: z.url({ protocol: /^rediss?$/ }).optional(),
        urlFile: path.optional(),
        prefix: z
          .string()
          .regex(/^[\w:-]+$/)
          .default("warmboot-relay:"),
      })
      .optional(),
    audit: z.strictObject({ hosts: z.enum(["full", "hash", "none"]).default("full") }).prefault({}),
  })
  .superRefine(({ auth, listen, tickets, redis, trustedProxies }, context) => {
    const fail = (where: string[], message: string) => context.addIssue({ code: "custom", path: where, message });
    if (auth.jwt && auth.anonymous)
      fail(["auth", "anonymous"], "cannot be true beside auth.jwt: a token would mean nothing");
    if (!auth.jwt && !auth.anonymous)
      fail(["auth"], 'set auth.jwt, or "anonymous": true for a relay that everybody may use within limits.anonymous');
    if (tickets.secret !== undefined && tickets.secretFile !== undefined)
      fail(["tickets"], "has secret and secretFile; one is enough");
    if (redis && (redis.url === undefined) === (redis.urlFile === undefined))
      fail(["redis"], "needs url or urlFile, and only one");
    if (auth.jwt && !listen.tls && trustedProxies.length === 0 && !isLoopback(listen.host))
      fail(
        ["listen", "tls"],
        "is missing: tokens would be readable on the way; or list the proxy that has the certificate in trustedProxies",
      );
  });

const isLoopback = (host: string): boolean =>
  host === "localhost" || new AddressRanges(["127.0.0.0/8", "::1"]).includes(host);

export type Config = z.output<typeof schema>;

/** Whether the text is a PEM certificate. */
export function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
