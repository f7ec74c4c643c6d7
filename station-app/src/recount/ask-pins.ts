/** The two PINs: as JSON from standard input where a program gives them, or typed without echo by a person. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

export const PINS_BYTES_MAX = 1_000;

async function fromProgram(): Promise<unknown> {
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.length > PINS_BYTES_MAX) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function fromPerson(): Promise<unknown> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    const pins: unknown[] = [];
    for (const slot of ['first', 'second']) {
      process.stderr.write(`PIN of the card in slot ${slot}: `);
      pins.push({ slot, pin: await lines.question('') });
      process.stderr.write('\n');
    }
    return pins;
  } finally {
    lines.close();
  }
}

export const askPins = (byProgram: boolean): Promise<unknown> => (byProgram ? fromProgram() : fromPerson());
