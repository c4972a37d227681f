import { DEFAULT_IMAGE, readAddress } from "../address.ts";
import { FONT_SIZE, THEMES } from "../settings.ts";

/** What the site and the frame allow. */
export interface EmbedPlace {
  /** The page that shows this one is of another origin. */
  readonly isFramedByStranger: boolean;
  /** The relay that the site offers; empty: none. */
  readonly siteRelay: string;
  /** A person may take another relay. */
  readonly otherRelays: boolean;
}

/** Through which relay: `choice`, the one that the person has chosen on this site, or the site's. */
export type EmbedNetwork = "none" | "choice" | "site" | { readonly relay: string };

/** A machine to be shown. */
export interface EmbedMachine {
  readonly image: string;
  /** Name under which it is kept; `null`: it is gone with the page. */
  readonly machine: string | null;
  readonly cmd: string | null;
  readonly memory: string | null;
  readonly network: EmbedNetwork;
  readonly theme: string | null;
  readonly fontSize: string | null;
  readonly readonly: boolean;
  readonly loading: string | null;
}

/** What is to be agreed to by the person before it happens. */
export type Reason = "kept-machine" | "command-in-kept-machine" | "foreign-relay" | "command-with-network";

/** What the address asks for. */
export type EmbedRequest =
  | { readonly kind: "machine"; readonly machine: EmbedMachine; readonly ask: readonly Reason[] }
  | { readonly kind: "unusable"; readonly problem: string };

const LOADING = ["eager", "lazy", "click"];
const LONGEST_CMD = 4000;
/** What the machine page takes besides. */
const NOT_HERE = ["bzImage", "initrd", "disk", "cmdline", "agent", "disk-size", "boot", "keep"];
/** Of what the page's policy lets it reach: a relay with TLS, or one on the person's own computer. */
const RELAY = /^(wisps|wss):\/\/|^(wisp|ws):\/\/(localhost|127\.0\.0\.1)[:/]/;

/** Reads the address of `embed.html`. It may come from anybody, so it can ask for little that the person does not agree to. */
export function readEmbed(page: URL, place: EmbedPlace): EmbedRequest {
  const given = page.searchParams;
  const problem = problemWith(given);
  if (problem !== null) return { kind: "unusable", problem };
  const request = readAddress(page);
  if (request.kind === "unusable") return request;
  if (request.kind === "unknown-engine")
    return { kind: "unusable", problem: `engine: there is no engine "${request.engine}"; there is "kernel".` };
  const machine = request.machine !== null && given.has("machine") ? request.machine : null;
  const network = request.network ? networkOf(given.get("relay"), machine, place) : "none";
  if (typeof network === "object" && "problem" in network) return { kind: "unusable", problem: network.problem };
  const wanted: EmbedMachine = {
    image: typeof request.image === "string" ? request.image : DEFAULT_IMAGE,
    machine,
    cmd: given.get("cmd") || null,
    memory: given.get("memory"),
    network,
    theme: given.get("theme"),
    fontSize: given.get("font-size"),
    readonly: given.has("readonly") && given.get("readonly") !== "no",
    loading: given.get("loading"),
  };
  return { kind: "machine", machine: wanted, ask: reasons(wanted, place) };
}

function problemWith(given: URLSearchParams): string | null {
  const theme = given.get("theme");
  if (theme !== null && !THEMES.some((each) => each === theme))
    return `theme: "${theme}" is not known; there are ${THEMES.join(", ")}.`;
  const loading = given.get("loading");
  if (loading !== null && !LOADING.includes(loading))
    return `loading: "${loading}" is not known; there are ${LOADING.join(", ")}.`;
  const size = given.get("font-size");
  if (size !== null && !(/^\d{1,2}$/.test(size) && Number(size) >= FONT_SIZE.min && Number(size) <= FONT_SIZE.max))
    return `font-size: "${size}" is not a number from ${FONT_SIZE.min} to ${FONT_SIZE.max}.`;
  if ((given.get("cmd") ?? "").length > LONGEST_CMD) return `cmd: has more than ${LONGEST_CMD} characters.`;
  const other = NOT_HERE.find((each) => given.has(each));
  if (other !== undefined) return `${other}: is a parameter of the machine page, and not of this one.`;
  return null;
}

function networkOf(
  relay: string | null,
  machine: string | null,
  { isFramedByStranger, siteRelay, otherRelays }: EmbedPlace,
): EmbedNetwork | { readonly problem: string } {
  if (relay === "none") return "none";
  // WHY not the person's own relay there: it may want their token, and reach what is theirs.
  if (relay === null || relay === "") return isFramedByStranger ? "site" : "choice";
  if (relay === "site" || relay === siteRelay) return "site";
  if (!otherRelays) return { problem: "relay: this site allows no relay but its own." };
  if (machine !== null)
    return { problem: "relay: for a machine that is kept no relay is taken from an address; choose one on its page." };
  if (!RELAY.test(relay) || !URL.canParse(relay))
    return { problem: `relay: "${relay}" is not the address of a relay, such as wisps://relay.example/.` };
  return { relay };
}

/** WHY also in a page of its own: a link to it is an address from anybody, too. */
function reasons({ machine, cmd, network }: EmbedMachine, place: EmbedPlace): Reason[] {
  const isForeign = typeof network === "object";
  const usesSites = !isForeign && network !== "none" && place.siteRelay !== "" && place.isFramedByStranger;
  return [
    ...(machine !== null && place.isFramedByStranger ? (["kept-machine"] as const) : []),
    ...(machine !== null && cmd !== null ? (["command-in-kept-machine"] as const) : []),
    ...(isForeign ? (["foreign-relay"] as const) : []),
    ...(machine === null && cmd !== null && (isForeign || usesSites) ? (["command-with-network"] as const) : []),
  ];
}
