/**
 * No partial result: whoever holds everything but one of the two closing representatives' cards (all files, the device's
 * key, the other card's key, the process's memory) opens no record while voting goes on; and when the count is done, no
 * key is left in the process.
 */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTyped, records, sealedBytes, toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CountKey, countKeyOf, sealedOpener } from '../src/recount/open-sealed.ts';
import { readStore } from '../src/recount/records-file.ts';
import { openStateStore } from '../src/stores/state-store.ts';
import { searchMemory } from './process-memory.ts';
import { STATION, VotingRoom } from './voting-room.ts';

const room = new VotingRoom();
const secrets = new Map<string, Buffer>();

beforeAll(async () => {
  await room.setUp();
  await room.open();
  // A test may do what no process of the station can: read the bench's cards.
  const cards = readFileSync(join(room.folder, 'bench', STATION, 'cards.slots'), 'latin1');
  for (const [, hex = ''] of cards.matchAll(/"countSecretKey":"([0-9a-f]{64})"/g)) {
    const key = Buffer.from(hex, 'hex');
    const publicKey = toHex(nodeCrypto.agreementPublicKey(new Uint8Array(key)));
    const role = room.enrolment?.roles.find((card) => card.count_key === publicKey)?.role;
    if (role !== undefined) secrets.set(role, key);
  }
  await room.vote([2], [10, 20]);
});
afterAll(() => room.tearDown());

/** Records as they lie in the store of two contests of at most 30 choices: in a copy, for the file is the process's. */
function sealed(): Buffer[] {
  const copy = join(room.folder, 'copy.sqlite');
  copyFileSync(join(room.data, 'records.sqlite'), copy);
  return readStore(copy, sealedBytes([{ choicesMax: 1 }, { choicesMax: 30 }]));
}
/** A search of the whole memory takes seconds on a busy machine. */
const KEYS_GONE_MS = 60_000;

function sessionId(): Uint8Array {
  const state = openStateStore(join(room.data, 'state.sqlite'));
  const parsed = parseTyped(state.fact('session') as Uint8Array, 'session', records.sessionShape);
  state.close();
  if (!parsed.ok) throw new Error('no session');
  return parsed.value.value.sessionId;
}

const keyOf = (role: string): CountKey => countKeyOf(secrets.get(role) as Buffer);
const keysInMemory = async (): Promise<string[]> => [
  ...new Set((await searchMemory(room.pid, Object.fromEntries(secrets))).map(({ pattern }) => pattern)),
];

describe('while voting goes on', () => {
  it('one card’s key and everything else open no record; both would', () => {
    const governor = keyOf('governor_representative');
    const council = keyOf('council_representative');
    const opened = (keys: { governor: CountKey; council: CountKey }) =>
      sealed().filter((record) => sealedOpener(keys, sessionId())(record) !== undefined).length;
    expect(sealed()).toHaveLength(2);
    expect(opened({ governor, council: governor })).toBe(0);
    expect(opened({ governor: council, council })).toBe(0);
    expect(opened({ governor, council })).toBe(2);
  });

  it('no key of the count is in the process', async () => {
    expect([...secrets.keys()].sort()).toEqual(['council_representative', 'governor_representative']);
    expect(await keysInMemory()).toEqual([]);
  });
});

describe('when the count is done', () => {
  it('no key of the count is left in the process', async () => {
    await room.close();
    await room.count();
    expect(room.officerView?.slip?.disputed).toBe(false);
    await vi.waitFor(async () => expect(await keysInMemory()).toEqual([]), { timeout: KEYS_GONE_MS });
  });
});
