import { WarmbootTerminal } from "warmboot/element";
import { isFramedByStranger } from "../framing.ts";
import { mayChooseRelay, networkOptions, siteRelay } from "../machine/relay-choice.ts";
import { holdVersion } from "../offline/hold-version.ts";
import { settings } from "../settings.ts";
import { byId } from "../ui/broken-page.ts";
import { ask, refuse } from "./question.ts";
import { type EmbedMachine, type EmbedNetwork, readEmbed } from "./request.ts";

const place = byId("place");
const request = readEmbed(new URL(location.href), {
  isFramedByStranger: isFramedByStranger(),
  siteRelay: siteRelay(),
  otherRelays: mayChooseRelay(),
});
if (request.kind === "unusable") refuse(place, request.problem);
else {
  linkToPage(request.machine);
  if (request.ask.length === 0) show(request.machine);
  else void ask(place, request.machine, request.ask).then((machine) => show({ ...machine, loading: "eager" })?.focus());
}

holdVersion(import.meta.url);

function show({ image, machine, cmd, memory, network, theme, fontSize, readonly, loading }: EmbedMachine) {
  const terminal = new WarmbootTerminal();
  Object.assign(terminal, { image, machine, cmd, memory, fontSize, readonly, loading });
  terminal.theme = theme ?? settings.value.theme;
  terminal.network = relayOf(network);
  place.append(terminal);
  return terminal;
}

function relayOf(network: EmbedNetwork) {
  if (network === "none") return null;
  if (network === "choice") return networkOptions();
  if (network === "site") return siteRelay() === "" ? null : { relay: siteRelay() };
  return network;
}

/** The same image, and the same machine if it is kept. */
function linkToPage({ machine }: EmbedMachine): void {
  const given = new URL(location.href).searchParams;
  const page = new URL("./", location.href);
  if (machine !== null) page.searchParams.set("machine", machine);
  const image = given.get("image");
  if (image !== null) page.searchParams.set("image", image);
  byId("open").setAttribute("href", page.href);
}
