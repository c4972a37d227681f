/** A process in which a machine lives. It answers calls, tells what happens, and is killed. */
import { MachineLife } from "./life.ts";
import type { Calls, Report } from "./messages.ts";

export interface NodeCall {
  readonly id: number;
  readonly name: keyof Calls;
  readonly values: readonly unknown[];
}
export type NodeMessage =
  | Report
  | { readonly kind: "answer"; readonly id: number; readonly value?: unknown }
  | NodeFailure;
interface NodeFailure {
  readonly kind: "error";
  readonly id: number;
  readonly code: string;
  readonly message: string;
}

const tell = (message: NodeMessage) => void process.send?.(message);
const life = new MachineLife(tell);

process.on("message", ({ id, name, values }: NodeCall) => {
  const call = life[name] as (...values: readonly unknown[]) => Promise<unknown>;
  call.apply(life, [...values]).then(
    (value) => tell({ kind: "answer", id, value }),
    (error) => tell({ kind: "error", id, code: String(error.code ?? ""), message: String(error.message) }),
  );
});
// Who started it is gone: nobody would end it.
process.on("disconnect", () => process.exit(1));
