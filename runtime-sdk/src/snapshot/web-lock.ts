import type { Lock, LockRequest } from "./store.ts";

const NOT_SAID = "another tab";

/** The lock `name`, held until it is released, stolen, or the page ends. A second lock's name says who has it. */
export async function webLock(name: string, { holder, takeover, onLost }: LockRequest): Promise<Lock | string> {
  const held = await holdLock(name, takeover ? { steal: true } : { ifAvailable: true }, onLost);
  if (held) {
    const label = await holdLock(`${name} held by ${holder}`, { mode: "shared" }, () => {});
    return {
      release: async () => {
        await label?.release();
        await held.release();
      },
    };
  }
  return (await webLockHolder(name)) ?? NOT_SAID;
}

/** Who has the lock `name`; null: nobody. */
export async function webLockHolder(name: string): Promise<string | null> {
  const label = `${name} held by `;
  const names = ((await navigator.locks.query()).held ?? []).map((lock) => lock.name ?? "");
  if (!names.includes(name)) return null;
  return names.find((each) => each.startsWith(label))?.slice(label.length) ?? NOT_SAID;
}

function holdLock(name: string, options: LockOptions, onLost: () => void): Promise<Lock | null> {
  return new Promise((resolve, reject) => {
    let release = () => {};
    let released = false;
    const held = navigator.locks.request(name, options, (lock) => {
      if (!lock) {
        resolve(null);
        return undefined;
      }
      const holding = new Promise<void>((done) => {
        release = done;
      });
      resolve({
        release: async () => {
          released = true;
          release();
          await held.catch(() => {});
        },
      });
      return holding;
    });
    held.catch((error) => {
      // A stolen lock ends with an AbortError.
      if (!released && error instanceof DOMException && error.name === "AbortError") onLost();
      reject(error);
    });
  });
}
