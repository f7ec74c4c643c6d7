/** Reads the whole writable memory of a child process (proc(5)): what a dump between two voters would show. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const CHUNK_BYTES = 4 * 1024 * 1024;
/** Longer than any pattern: found also where it lies across two chunks. */
const OVERLAP_BYTES = 4096;

export interface Found {
  readonly pattern: string;
  readonly at: number;
  readonly region: string;
}

/** Every place where one of the patterns lies. A region that cannot be read (guard pages, device memory) is skipped. */
export async function searchMemory(
  pid: number,
  patterns: Readonly<Record<string, Buffer>>,
): Promise<Found[]> {
  const found: Found[] = [];
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const match = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)$/.exec(line);
      if (match === null || !match[3]?.startsWith('rw')) continue;
      const end = Number.parseInt(match[2] as string, 16);
      for (let at = Number.parseInt(match[1] as string, 16); at < end; at += CHUNK_BYTES - OVERLAP_BYTES) {
        let length: number;
        try {
          length = readSync(memory, chunk, 0, Math.min(CHUNK_BYTES, end - at), at);
        } catch {
          break;
        }
        // The box and the cards of the test live in this process: silent for ten seconds, they would be given up.
        await new Promise((resolve) => setImmediate(resolve));
        const bytes = chunk.subarray(0, length);
        for (const [pattern, wanted] of Object.entries(patterns))
          for (let i = bytes.indexOf(wanted); i !== -1; i = bytes.indexOf(wanted, i + 1))
            found.push({ pattern, at: at + i, region: match[4] === '' ? 'anonymous' : (match[4] as string) });
      }
    }
  } finally {
    closeSync(memory);
  }
  return found;
}

/** The forms in which a list of candidate indexes can lie in a process. */
export function formsOf(choice: readonly number[]): Readonly<Record<string, Buffer>> {
  const sixteen = (write: (into: Buffer, value: number, at: number) => void): Buffer => {
    const out = Buffer.alloc(2 * choice.length);
    choice.forEach((value, i) => {
      write(out, value, 2 * i);
    });
    return out;
  };
  const numbers = Buffer.alloc(8 * choice.length);
  const doubles = Buffer.alloc(8 * choice.length);
  choice.forEach((value, i) => {
    numbers.writeUInt32LE(value, 8 * i + 4); // a small integer of V8: the value in the upper half of a word
    doubles.writeDoubleLE(value, 8 * i);
  });
  return {
    plaintext: sixteen((into, value, at) => into.writeUInt16BE(value, at)),
    typed_array: sixteen((into, value, at) => into.writeUInt16LE(value, at)),
    json: Buffer.from(choice.join(',')),
    json_utf16: Buffer.from(choice.join(','), 'utf16le'),
    numbers,
    doubles,
  };
}
