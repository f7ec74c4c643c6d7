/**
 * The recount before the minutes are signed: a separate program with separate code opens the records anew. It takes the
 * keys from the cards itself, so our reader is let go while it runs; PINs go to it by its standard input.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, concatBytes, SLOTS_PER_READ_MAX } from '@sandoq/protocol';
import { Refused } from '../contract/socket.ts';
import { writeVerified } from '../outputs/export.ts';
import { note, type VotingContext } from './context.ts';
import type { SlotPin } from './counting.ts';
import { makeEvidenceBundle } from './counting.ts';

export interface RecountRequest {
  readonly source: { readonly kind: 'store' } | { readonly kind: 'records'; readonly path: string };
  readonly bundlePath: string;
  readonly pins: readonly SlotPin[];
}

/** @returns whether it agrees with the slip; undefined where it could not be done. */
export type SpawnRecount = (request: RecountRequest) => Promise<boolean | undefined>;

/** Slots that may be asked for: a box that never ends is not believed. */
const READS_MAX = 20_000;

async function readBox(context: VotingContext): Promise<Bytes> {
  const sealed: Bytes[] = [];
  let from = 0;
  const slots = context.box?.counters.slots ?? 0;
  for (let reads = 0; reads < READS_MAX && from < slots; reads++) {
    const reply = await context.link.request('read_slots', { from, count: SLOTS_PER_READ_MAX });
    if (!reply.ok) throw new Refused(reply.fault);
    sealed.push(...reply.value.sealed);
    if (reply.value.next <= from) throw new Refused('reply_malformed');
    from = reply.value.next;
    context.progress = { code: 'reading_box', permille: Math.floor((1000 * from) / Math.max(1, slots)) };
    context.changed();
  }
  return concatBytes(...sealed);
}

export async function runRecount(
  context: VotingContext,
  spawn: SpawnRecount,
  input: { readonly source: 'station' | 'box'; readonly pins: readonly SlotPin[] },
): Promise<{ readonly agreed: boolean }> {
  const stage = context.closing.state();
  if (stage !== 'counted' && stage !== 'finished') throw new Refused('wrong_phase');
  if (context.progress !== undefined) throw new Refused('step_in_hand', context.progress.code);
  context.progress = { code: 'recounting', permille: 0 };
  context.changed();
  const folder = join(context.outFolder, 'recount');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    const bundlePath = join(folder, 'evidence.bundle');
    writeVerified(bundlePath, makeEvidenceBundle(context));
    let source: RecountRequest['source'] = { kind: 'store' };
    if (input.source === 'box') {
      const path = join(folder, 'box-records.bin');
      writeVerified(path, await readBox(context));
      source = { kind: 'records', path };
    }
    context.progress = { code: 'recounting', permille: 500 };
    context.changed();
    const agreed = await spawn({ source, bundlePath, pins: input.pins });
    if (agreed === undefined) throw new Refused('recount_failed');
    context.state.commit({ facts: { recount: Uint8Array.of(agreed ? 1 : 0) } });
    note(context, { event: agreed ? 'recount_agreed' : 'recount_disagreed' });
    return { agreed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    context.progress = undefined;
    context.changed();
  }
}
