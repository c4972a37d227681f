/** Lets the thread's other tasks have their turn. WHY not by a timer: timers that follow each other wait 4 ms. */
export function otherTasks(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
