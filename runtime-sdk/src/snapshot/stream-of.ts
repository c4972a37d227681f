import type { Bytes } from "./store.ts";

/**
 * A stream of pieces that are made when they are asked for.
 * @param ended Called once: at the end, when a piece could not be made, or when the stream is cancelled.
 */
export function streamOf(pieces: AsyncGenerator<Bytes>, ended: () => void): ReadableStream<Bytes> {
  let isOver = false;
  const end = () => {
    if (!isOver) ended();
    isOver = true;
  };
  return new ReadableStream<Bytes>(
    {
      pull: async (controller) => {
        try {
          const { value, done } = await pieces.next();
          if (isOver) return;
          if (!done) {
            controller.enqueue(value);
            return;
          }
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        end();
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}
