/** Puts the signed package into the box: package, station, rasters, each resumed where a cut load stopped. */
import { type Bytes, LOAD_CHUNK_BYTES_MAX, type wire } from '@sandoq/protocol';
import { Refused } from '../contract/socket.ts';
import { commitStage, note, type VotingContext } from './context.ts';

/** Chunks that may be answered with the same offset before the box counts as stuck. */
export const STUCK_CHUNKS_MAX = 8;

const refuse = (context: VotingContext, code: string): never => {
  note(context, { event: 'package_refused', refusal: code });
  throw new Refused(code);
};

async function loadPart(
  context: VotingContext,
  part: wire.LoadPart,
  bytes: Bytes,
  onOffset: (offset: number) => void,
): Promise<void> {
  const { link, crypto } = context;
  const begun = await link.request('load_begin', {
    part,
    length: bytes.length,
    digest: crypto.sha256(bytes),
  });
  if (!begun.ok) return refuse(context, begun.fault);
  let { offset } = begun.value;
  let stuck = 0;
  while (offset < bytes.length) {
    const chunk = bytes.slice(offset, offset + LOAD_CHUNK_BYTES_MAX);
    const reply = await link.request('load_chunk', { part, offset, bytes: chunk });
    if (!reply.ok) return refuse(context, reply.fault);
    stuck = reply.value.offset > offset ? 0 : stuck + 1;
    if (stuck > STUCK_CHUNKS_MAX || reply.value.offset > bytes.length)
      return refuse(context, 'load_out_of_order');
    offset = reply.value.offset;
    onOffset(offset);
  }
  const ended = await link.request('load_end', { part });
  if (!ended.ok) return refuse(context, ended.fault);
}

/** @throws Refused by the box's own reason. Repeating it goes on where it stopped. */
export async function loadPackage(context: VotingContext): Promise<void> {
  const state = context.station.state();
  if (state !== 'set_up' && state !== 'loaded') throw new Refused('wrong_phase');
  if (context.progress !== undefined) throw new Refused('step_in_hand', context.progress.code);
  const { packageRecord, stationRecord, rasters } = context.election;
  const parts: readonly (readonly [wire.LoadPart, Bytes])[] = [
    ['package', packageRecord],
    ['station', stationRecord],
    ['rasters', rasters],
  ];
  const total = parts.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  let done = 0;
  const show = (offset: number): void => {
    context.progress = { code: 'loading', permille: Math.floor((1000 * (done + offset)) / total) };
    context.changed();
  };
  try {
    show(0);
    for (const [part, bytes] of parts) {
      await loadPart(context, part, bytes, show);
      done += bytes.length;
    }
    const linked = await context.link.relink();
    if (!linked.ok) throw new Refused(linked.fault);
    if (!context.link.status().proved) throw new Refused('box_not_ready', 'station_not_proved');
  } finally {
    context.progress = undefined;
    context.changed();
  }
  note(context, { event: 'package_loaded' });
  if (context.station.state() === 'set_up') commitStage(context, { station: { type: 'PACKAGE_LOADED' } });
}
