// The image on the emulated Cortex-M4: what it takes of code memory and RAM, what each step costs in instructions (the
// emulator counts them under `-icount shift=0`), how soon it answers after power, and the published vectors on its core.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { FirmwareImage } from '../src/index.ts';
import {
  COUNT_INSTRUCTIONS,
  EmulatedPrimitives,
  INSTRUCTIONS_PER_CYCLE,
} from '../test/emulated-primitives.ts';
import { type HostMaker, HostRig } from '../test/host-rig.ts';
import { builtImage, qemuHost } from '../test/hosts.ts';
import { BALLOT } from '../test/rig.ts';
import { runVectors } from '../test/vectors.ts';

const HELP = `npm run bench -- firmware [options]
  --every N   of the large sets of vectors only each Nth case (default 1: all)
  --votes N   votes cast at the emulator's own speed (default 40)
Wishes: image at most 96 kB, RAM at most 128 kB, every vector answered rightly.
The last line on stdout is JSON {name, ok, figures}.`;

const IMAGE_BYTES_MAX = 96 * 1024;
const RAM_BYTES_MAX = 128 * 1024;
const STARTS = 5;
const COSTED_VOTES = 3;
const OPTION_MAX = 10_000;

const progress = (text: string): void => void process.stderr.write(`${text}\n`);
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

function usage(why: string): never {
  process.stderr.write(`${why}\n\n${HELP}\n`);
  process.exit(2);
}

function options(): { readonly every: number; readonly votes: number } {
  let values: { readonly every?: string; readonly votes?: string; readonly help?: boolean };
  try {
    ({ values } = parseArgs({
      options: { every: { type: 'string' }, votes: { type: 'string' }, help: { type: 'boolean' } },
    }));
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'bad options');
  }
  if (values.help === true) {
    process.stdout.write(`${HELP}\n`);
    process.exit(0);
  }
  const number = (name: 'every' | 'votes', fallback: number): number => {
    const value = Number(values[name] ?? fallback);
    if (!Number.isSafeInteger(value) || value < 1 || value > OPTION_MAX)
      usage(`--${name} wants a whole number from 1 to ${OPTION_MAX}`);
    return value;
  };
  return { every: number('every', 1), votes: number('votes', 40) };
}

/** Instructions of one call of each primitive. */
async function primitiveCosts(image: FirmwareImage): Promise<Readonly<Record<string, number>>> {
  const box = await EmulatedPrimitives.start(image, COUNT_INSTRUCTIONS);
  try {
    const seed = new Uint8Array(32).fill(3);
    const message = new Uint8Array(200).fill(5);
    const cost = (): number => box.cycles * INSTRUCTIONS_PER_CYCLE;
    const key = await box.publicKey(seed);
    const signature = await box.sign(seed, key, message);
    const sign = cost();
    if (!(await box.verify(key, message, signature))) throw new Error('its own signature is refused');
    const verify = cost();
    const peer = await box.x25519PublicKey(seed);
    const x25519Public = cost();
    await box.x25519(seed, peer);
    const x25519 = cost();
    // One contest's record to one of the two keys; a vote's record is sealed to both, one around the other.
    await box.hpkeSeal(peer, seed, seed, seed, new Uint8Array(68));
    return { signature: sign, verification: verify, x25519, x25519_public: x25519Public, seal: cost() };
  } finally {
    await box.end();
  }
}

/** Adds up what the measuring image tells on its console. */
class Costs {
  #text = '';
  #sum = 0;
  readonly first = new Map<string, number>();

  take(bytes: Uint8Array): void {
    this.#text += Buffer.from(bytes).toString('latin1');
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) {
      const told = /^cost (\w+) (\d+)$/.exec(line);
      if (told === null) continue;
      const instructions = Number(told[2]) * INSTRUCTIONS_PER_CYCLE;
      if (!this.first.has(told[1] as string)) this.first.set(told[1] as string, instructions);
      this.#sum += instructions;
    }
  }

  /** what was told since it was last asked */
  takeSum(): number {
    const sum = this.#sum;
    this.#sum = 0;
    return sum;
  }
}

/** Host rig over a measuring image; a step's cost is told on a line of its own, so each step waits until all is still. */
async function castCosts(image: FirmwareImage): Promise<Readonly<Record<string, unknown>>> {
  const costs = new Costs();
  const make: HostMaker = (transmit) =>
    qemuHost(
      image,
      COUNT_INSTRUCTIONS,
    )((port, bytes) => {
      if (port === 1) costs.take(bytes);
      else transmit(port, bytes);
    });
  const rig = await HostRig.start(make);
  const still = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, STILL_MS));
  const step = async (body: () => Promise<unknown>): Promise<number> => {
    await still();
    costs.takeSum();
    await body();
    await still();
    return costs.takeSum();
  };
  try {
    await rig.provision();
    await rig.load();
    const link = await step(() => rig.link());
    const open = await step(() => rig.open());
    const begin: number[] = [];
    const print: number[] = [];
    const green: number[] = [];
    for (let nonce = 0; nonce < COSTED_VOTES; nonce++) {
      let prepared: Awaited<ReturnType<HostRig['prepare']>> | undefined;
      begin.push(
        await step(async () => {
          prepared = await rig.prepare(nonce, BALLOT);
        }),
      );
      print.push(await step(() => rig.printed(prepared as never)));
      const seen = rig.outcomes.length;
      green.push(
        await step(async () => {
          rig.metal.press('green');
          await rig.until('the vote to be cast', () =>
            rig.outcomes.slice(seen).find((one) => one.outcome === 'cast'),
          );
          await rig.takeCard();
        }),
      );
    }
    const close = await step(() => rig.close());
    const steps = { begin: median(begin), print: median(print), green: median(green) };
    return {
      contests: BALLOT.length,
      power_to_boot_stage_done: costs.first.get('boot_stage') ?? 0,
      core_boot: costs.first.get('boot') ?? 0,
      link_proof: link,
      open,
      ...steps,
      cast: steps.begin + steps.print + steps.green,
      close,
    };
  } finally {
    await rig.host.end();
  }
}

/** Time in which nothing more can be told of a step: the core is called each 50 ms at least. */
const STILL_MS = 200;

/** Milliseconds from the emulator's start to the answer of the first request, on a fresh flash and on a used one. */
async function firstAnswer(image: FirmwareImage): Promise<number> {
  const times: number[] = [];
  const rig = await HostRig.start(qemuHost(image));
  try {
    for (let start = 0; start < STARTS; start++) {
      await rig.cutPower();
      const since = performance.now();
      await rig.host.powerOn();
      await rig.ask('status', {});
      times.push(performance.now() - since);
    }
  } finally {
    await rig.host.end();
  }
  return Math.round(median(times));
}

const TICKS_PER_SECOND = 100;
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** At the emulator's own speed: wall-clock and its processor time a vote, and how deep the stack ever was. */
async function castSpeed(image: FirmwareImage, votes: number): Promise<Readonly<Record<string, number>>> {
  const rig = await HostRig.start(qemuHost(image));
  try {
    await rig.provision({ votesMax: votes + 1 });
    await rig.load();
    await rig.link();
    await rig.open();
    const pid = rig.host.pid?.() as number;
    const [since, cpu] = [performance.now(), cpuMs(pid)];
    for (let nonce = 0; nonce < votes; nonce++) await rig.cast(nonce, BALLOT);
    const seconds = (performance.now() - since) / 1000;
    const perVote = (cpuMs(pid) - cpu) / votes;
    await rig.close();
    const stack = (await rig.host.stack?.()) as Uint8Array;
    const untouched = stack.findIndex((byte) => byte !== 0);
    return {
      votes,
      votes_per_second: Number((votes / seconds).toFixed(1)),
      emulator_cpu_ms_per_vote: Math.round(perVote),
      stack_bytes: stack.length,
      stack_bytes_used: stack.length - untouched,
    };
  } finally {
    await rig.host.end();
  }
}

async function main(): Promise<boolean> {
  const { every, votes } = options();
  const box = await builtImage('box');
  const measuring = await builtImage('measure');
  const primitives = await builtImage('primitives');
  if (box === undefined || measuring === undefined || primitives === undefined) {
    process.stdout.write(
      `${JSON.stringify({ name: 'firmware', ok: false, figures: { missing: 'tools' } })}\n`,
    );
    return false;
  }
  progress('instructions of the primitives');
  const instructions = await primitiveCosts(primitives);
  progress('instructions of a cast');
  const cast = await castCosts(measuring);
  progress('time to the first answer');
  const answer = await firstAnswer(box);
  progress(`${votes} votes at the emulator's speed`);
  const speed = await castSpeed(box, votes);
  progress('published vectors on the emulated core');
  const core = await EmulatedPrimitives.start(primitives);
  const vectors = await runVectors(core, every).finally(() => core.end());
  const figures = {
    image_bytes: box.imageBytes,
    image_bytes_wish: IMAGE_BYTES_MAX,
    ram_bytes: box.ramBytes,
    ram_bytes_wish: RAM_BYTES_MAX,
    instructions: { ...instructions, ...cast },
    power_to_first_answer_ms: answer,
    emulator: speed,
    vectors: vectors.run,
    vectors_wrong: vectors.wrong.length,
  };
  for (const one of vectors.wrong) progress(`WRONG ${one}`);
  const ok = box.imageBytes <= IMAGE_BYTES_MAX && box.ramBytes <= RAM_BYTES_MAX && vectors.wrong.length === 0;
  process.stdout.write(`${JSON.stringify({ name: 'firmware', ok, figures })}\n`);
  return ok;
}

process.exitCode = (await main()) ? 0 : 1;
