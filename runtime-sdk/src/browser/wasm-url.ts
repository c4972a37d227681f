/** Absolute address of v86.wasm. */
export const WASM_URL = new URL("../assets/v86.wasm", import.meta.url).href;
