import { Machine, type MachineSettings } from "./machine.js";

declare global {
  interface Window {
    /** The machines of this page; how the tests get at them. */
    networkTest?: {
      boot(settings: MachineSettings): Promise<number>;
      call(machine: number, method: string, values: readonly unknown[]): Promise<unknown>;
    };
  }
}

const machines: Machine[] = [];

window.networkTest = {
  boot: async (settings) => machines.push(await Machine.boot(settings)) - 1,
  call: async (machine, method, values) => {
    const target = machines[machine];
    if (!target) throw new Error(`no machine ${machine}`);
    const result: unknown = await Reflect.apply(Reflect.get(target, method), target, values);
    return result instanceof Machine ? machines.push(result) - 1 : result;
  },
};
