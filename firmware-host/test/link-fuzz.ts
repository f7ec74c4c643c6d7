// Hostile frames at the running core, in the states where there is most to reach, with good frames in between.
import {
  type Bytes,
  createFrameReader,
  decodeBoxMessage,
  encodeFrame,
  encodeRequest,
} from '@sandoq/protocol';
import { hostileFrames } from './hostile-frames.ts';
import { TestCard } from './metal.ts';
import { builtFirmware, openRig, Rig } from './rig.ts';

export const FUZZ_STATES = ['provisioned', 'open_and_proved', 'closed_and_proved'] as const;
export type FuzzState = (typeof FUZZ_STATES)[number];
const BLOCK_FRAMES = 512;
/** Longer than any refusal: only such answers are read by the host. */
const REFUSAL_FRAME_BYTES_MAX = 40;

export interface FuzzFigures {
  hostile: number;
  good: number;
  goodAnswered: number;
  /** answers and refusals of every kind */
  answers: number;
  traps: number;
  /** processor seconds inside the box, with its frames in and out */
  seconds: number;
  memoryGrowth: number;
  flashWords: number;
}

async function rigIn(state: FuzzState): Promise<Rig> {
  if (state === 'provisioned') {
    const rig = new Rig(await builtFirmware());
    rig.provision();
    return rig;
  }
  const rig = await openRig();
  rig.cast(1);
  if (state === 'closed_and_proved') rig.close();
  else rig.metal.lay(new TestCard(rig.election, 2));
  return rig;
}

export interface Fuzz {
  readonly figures: FuzzFigures;
  /** One block of hostile frames and one good frame after it. */
  round(): void;
  /** As many good frames and nothing else; frames a processor second. */
  cleanRate(frames: number): number;
}

export async function startFuzz(state: FuzzState, seed: number): Promise<Fuzz> {
  const rig = await rigIn(state);
  const hostile = hostileFrames(seed);
  const figures: FuzzFigures = {
    ...{ hostile: 0, good: 0, goodAnswered: 0, answers: 0, traps: 0 },
    ...{ seconds: 0, memoryGrowth: 0, flashWords: 0 },
  };
  let wanted = -1;
  let answered = 0;
  const reader = createFrameReader(
    (payload) => {
      const message = decodeBoxMessage(payload);
      if (message.ok && message.value.kind === 'reply' && message.value.sequence === wanted) answered++;
    },
    () => {
      throw new Error('the box sent a bad frame');
    },
  );
  rig.tap = (bytes) => {
    figures.answers++;
    if (bytes.length > REFUSAL_FRAME_BYTES_MAX) reader.push(bytes);
  };
  const memory = rig.box.memory().length;
  const writes = rig.flash.writes;
  const timed = (bytes: Bytes): number => {
    const started = process.cpuUsage();
    rig.box.receive(0, bytes);
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1e6;
  };
  let sequence = 1_000_000;
  const status = (): Bytes => {
    wanted = ++sequence;
    return encodeFrame(encodeRequest('status', wanted, {}));
  };
  return {
    figures,
    round() {
      const block = hostile.block(BLOCK_FRAMES);
      figures.seconds += timed(block.bytes);
      figures.hostile += block.frames;
      answered = 0;
      rig.box.receive(0, status());
      figures.good++;
      figures.goodAnswered += answered === 1 ? 1 : 0;
      figures.traps += rig.events.stops.length;
      rig.events.stops.length = 0;
      figures.memoryGrowth = Math.max(figures.memoryGrowth, rig.box.memory().length - memory);
      figures.flashWords = rig.flash.writes - writes;
    },
    cleanRate(frames) {
      const one = encodeFrame(encodeRequest('status', 5, {}));
      const block = new Uint8Array(one.length * BLOCK_FRAMES);
      for (let i = 0; i < BLOCK_FRAMES; i++) block.set(one, i * one.length);
      let seconds = 0;
      let sent = 0;
      for (; sent < frames; sent += BLOCK_FRAMES) seconds += timed(block);
      return sent / seconds;
    },
  };
}
