/** Whether keys are a Mac's, as xterm.js tells it: there Option makes characters, elsewhere Alt is always Meta. */
export const isMac = ["Macintosh", "MacIntel", "MacPPC", "Mac68K"].includes(navigator.platform);
