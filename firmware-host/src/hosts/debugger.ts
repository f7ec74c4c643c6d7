// The few words of GDB's remote protocol that a bench needs: stop, read and write memory, go on. The image has no door
// for any of this; it is the emulator's own.
import type { Duplex } from 'node:stream';

const ANSWER_TIMEOUT_MS = 30_000;

export interface DebuggerLine {
  readMemory(address: number, bytes: number): Promise<Uint8Array>;
  addToWord(address: number, amount: number): Promise<void>;
  writeMemory(address: number, bytes: Uint8Array): Promise<void>;
}

const packet = (text: string): string => {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum += text.charCodeAt(i);
  return `$${text}#${(sum & 255).toString(16).padStart(2, '0')}`;
};

/** Most bytes of one read: the stub's packets are of 4,096 characters. */
const READ_BYTES_MAX = 1024;

export function createDebuggerLine(stream: Duplex): DebuggerLine {
  let received = '';
  let waiting: ((payload: string) => void) | undefined;
  let last: Promise<unknown> = Promise.resolve();
  stream.on('data', (bytes: Buffer) => {
    received += bytes.toString('latin1');
    for (;;) {
      const found = /\$([^#]*)#[0-9a-f]{2}/.exec(received);
      if (found === null) return;
      received = received.slice(found.index + found[0].length);
      stream.write('+');
      waiting?.(found[1] as string);
    }
  });
  const ask = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error("the emulator's debugger is silent")),
        ANSWER_TIMEOUT_MS,
      );
      waiting = (payload) => {
        waiting = undefined;
        clearTimeout(timer);
        resolve(payload);
      };
      stream.write(bytes);
    });
  /** The machine stands still while `body` looks at it; one body at a time. */
  const stopped = <Value>(body: () => Promise<Value>): Promise<Value> => {
    const done = last.then(async () => {
      await ask('\x03');
      try {
        return await body();
      } finally {
        stream.write(packet('c'));
      }
    });
    last = done.catch(() => undefined);
    return done;
  };
  const read = async (address: number, bytes: number): Promise<Uint8Array> => {
    const into = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += READ_BYTES_MAX) {
      const count = Math.min(READ_BYTES_MAX, bytes - at);
      const answer = await ask(packet(`m${(address + at).toString(16)},${count.toString(16)}`));
      if (answer.length !== count * 2) throw new Error(`the debugger answered ${answer.slice(0, 20)}`);
      into.set(Buffer.from(answer, 'hex'), at);
    }
    return into;
  };
  const write = async (address: number, bytes: Uint8Array): Promise<void> => {
    const hex = Buffer.from(bytes).toString('hex');
    const answer = await ask(packet(`M${address.toString(16)},${bytes.length.toString(16)}:${hex}`));
    if (answer !== 'OK') throw new Error(`the debugger answered ${answer}`);
  };
  return {
    readMemory: (address, bytes) => stopped(() => read(address, bytes)),
    writeMemory: (address, bytes) => stopped(() => write(address, bytes)),
    addToWord: (address, amount) =>
      stopped(async () => {
        const word = Buffer.from(await read(address, 4));
        word.writeUInt32LE((word.readUInt32LE(0) + amount) >>> 0, 0);
        await write(address, word);
      }),
  };
}
