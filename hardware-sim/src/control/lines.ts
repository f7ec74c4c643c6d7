/** Newline-delimited JSON with a bound on the line. */
import type { Socket } from 'node:net';

/** @returns a feeder; `onLine` gets each whole line, `onTooLong` once, after which nothing more is read. */
export function createLineReader(
  bytesMax: number,
  onLine: (line: string) => void,
  onTooLong: () => void,
): (chunk: Buffer) => void {
  let pieces: Buffer[] = [];
  let length = 0;
  let stopped = false;
  return (chunk) => {
    let start = 0;
    while (!stopped) {
      const end = chunk.indexOf(0x0a, start);
      const piece = end < 0 ? chunk.subarray(start) : chunk.subarray(start, end);
      length += piece.length;
      if (length > bytesMax) {
        stopped = true;
        pieces = [];
        onTooLong();
        return;
      }
      if (piece.length > 0) pieces.push(piece);
      if (end < 0) return;
      const line = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
      pieces = [];
      length = 0;
      start = end + 1;
      if (line.length > 0) onLine(line.toString('utf8'));
    }
  };
}

/** Lines of one turn of the loop leave in one write: a system call costs more than the line. */
export const writeLine = (socket: Socket, value: unknown): void => {
  if (socket.destroyed) return;
  if (socket.writableCorked === 0) {
    socket.cork();
    process.nextTick(() => socket.uncork());
  }
  socket.write(`${JSON.stringify(value)}\n`);
};
