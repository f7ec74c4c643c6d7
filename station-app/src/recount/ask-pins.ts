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
  // A standard input that ends answers no question: waited for alone, it would be waited for in vain.
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  try {
    const pins: unknown[] = [];
    for (const slot of ['first', 'second']) {
      process.stderr.write(`PIN of the card in slot ${slot}: `);
      const pin = await Promise.race([lines.question(''), ended]);
      process.stderr.write('\n');
      if (pin === undefined) return undefined;
      pins.push({ slot, pin });
    }
    return pins;
  } finally {
    lines.close();
  }
}

export const askPins = (byProgram: boolean): Promise<unknown> => (byProgram ? fromProgram() : fromPerson());
