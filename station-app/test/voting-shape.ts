/** What a voting process leaves beside sealed records, for days that differ only in who chose what. */
import { join } from 'node:path';
import { decode, records } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { openEventLog } from '../src/stores/event-log.ts';
import { openStateStore } from '../src/stores/state-store.ts';
import { VotingRoom } from './voting-room.ts';

/** Thirty names that nobody would choose by chance, and any eight of them in a row in every form. */
export const PLANTED: readonly number[] = Array.from({ length: 30 }, (_, i) => 2 + 9 * i + ((i * i * 5) % 8));

/** What stands in a data folder beside sealed records: log lines without the chain and exact times, names and sizes. */
export function shapeOf(room: VotingRoom): unknown {
  const log = openEventLog({ path: join(room.data, 'log.sqlite'), crypto: nodeCrypto, bucket: () => 0 });
  const lines = log.lines().map((bytes) => {
    const line = decode(records.eventLineShape, bytes);
    if (!line.ok) throw new Error('a line is damaged');
    const { event, role, counters, refusal } = line.value;
    return { event, role, counters, refusal, bytes: bytes.length };
  });
  log.close();
  const state = openStateStore(join(room.data, 'state.sqlite'));
  const snapshots = ['station', 'close'].map((machine) => state.snapshot(machine));
  state.close();
  const sizes = [...room.files()].map(([path, bytes]) => [path.slice(room.data.length), bytes.length]);
  return { lines, snapshots, sizes: sizes.filter(([path]) => !String(path).includes('-')).sort() };
}

/** A day of real processes for each order of the two voters: one marks one and thirty, one leaves blank and marks one. */
export async function roomShapes(orders: readonly (readonly number[])[]): Promise<readonly string[]> {
  const shapes: string[] = [];
  for (const order of orders) {
    const room = new VotingRoom();
    try {
      await room.setUp();
      await room.open();
      for (const voter of order) {
        if (voter === 0) await room.vote([3], PLANTED);
        else await room.vote('blank', [7]);
      }
      await room.stop();
      shapes.push(JSON.stringify(shapeOf(room)));
    } finally {
      await room.tearDown();
    }
  }
  return shapes;
}
