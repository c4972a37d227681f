/**
 * Takes `Worker` away from the machine's thread. WHY: v86 would make one for itself, and ask it for each millisecond of emulation to be called
 * again; see `Turns` for what does that instead. To be imported before v86: it looks once, when it is loaded.
 */
Reflect.deleteProperty(globalThis, "Worker");
