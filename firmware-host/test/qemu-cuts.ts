// The same promise on the emulated board, whose power is cut by `kill -9` at instants that nobody chose: in the middle of
// printing, of the commit, of burning and falling, of a rejection, and of the recovery.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@sandoq/protocol';
import { auditImage, createQemuBox, type FirmwareImage } from '../src/index.ts';
import { type Harm, isCommitted } from './cuts.ts';
import { crypto, type PreparedBallot } from './election.ts';
import { type HostMaker, HostRig } from './host-rig.ts';
import { BALLOT } from './rig.ts';

/** With the machine's own entropy: a stream that begins anew at each power-on would draw the same rows again. */
const boardMaker =
  (image: FirmwareImage): HostMaker =>
  async (transmit) => {
    const path = mkdtempSync(join(tmpdir(), 'sq-cut-'));
    const flashPath = join(path, 'flash.bin');
    const box = createQemuBox({ image, flashPath, transmit });
    return {
      powerOn: () => box.powerOn(),
      cutPower: () => box.kill(),
      receive: (port, bytes) => box.receive(port, bytes),
      flashImage: () => new Uint8Array(readFileSync(flashPath)),
      end: async () => {
        await box.kill();
        rmSync(path, { recursive: true, force: true });
      },
    };
  };

export interface KillFigures {
  kills: number;
  cast: number;
  notCast: number;
  lost: number;
  doubled: number;
  unnamed: number;
  readonly examples: string[];
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How long a vote takes here, from green to the box's word. */
async function greenMs(rig: HostRig, expected: string[]): Promise<number> {
  const prepared = await rig.prepare(1, BALLOT);
  await rig.printed(prepared);
  const started = performance.now();
  rig.metal.press('green');
  await rig.outcomeOf(prepared);
  const took = performance.now() - started;
  await rig.takeCard();
  expected.push(...prepared.names.map(toHex));
  return took;
}

type Say = (kind: Harm['kind'], what: string) => void;

/** After the box is up again: what became of the vote, and whether every ledger agrees with it. */
async function judge(
  rig: HostRig,
  prepared: PreparedBallot,
  committed: boolean,
  expected: string[],
  say: Say,
): Promise<boolean> {
  await rig.link();
  const { outcome } = await rig.outcomeOf(prepared);
  if (outcome !== 'cast' && outcome !== 'unknown') say('unnamed', `after a restart the box says ${outcome}`);
  if (committed && outcome !== 'cast') say('lost', `the commit word was there, the box says ${outcome}`);
  if (!committed && outcome === 'cast') say('doubled', 'cast without a commit word');
  if (outcome === 'cast') expected.push(...prepared.names.map(toHex));
  let status = await rig.ask('status', {});
  for (let tries = 0; status.paper !== 'idle' && tries < 200; tries++) {
    await pause(20);
    status = await rig.ask('status', {});
  }
  const { counters, paper, cardsUnburnt } = status;
  const votes = expected.length / prepared.names.length;
  if (paper !== 'idle') say('unnamed', `paper ${paper}`);
  if (counters.records < expected.length || counters.cardsSpent < votes) say('lost', 'fewer than were cast');
  if (counters.records > expected.length || counters.cardsSpent > votes)
    say('doubled', 'more than were cast');
  if (counters.papersInBin !== votes || counters.papersPrinted !== votes + counters.papersRejected)
    say('unnamed', `papers ${counters.papersPrinted}, ${counters.papersInBin} in the bin, of ${votes} votes`);
  if (cardsUnburnt !== 0) say('unnamed', 'a card owes its burning');
  const wanted = outcome === 'cast' ? 'spent' : 'armed';
  if (rig.metal.card?.state !== wanted)
    say('unnamed', `the card is ${rig.metal.card?.state}, the vote ${outcome}`);
  return outcome === 'cast';
}

/** Kills the emulator so many times in the middle of a vote; of every third, the recovery is killed as well. */
export async function killEmulator(image: FirmwareImage, kills: number): Promise<KillFigures> {
  const figures: KillFigures = {
    kills: 0,
    cast: 0,
    notCast: 0,
    lost: 0,
    doubled: 0,
    unnamed: 0,
    examples: [],
  };
  const rig = await HostRig.start(boardMaker(image));
  try {
    await rig.provision({ votesMax: kills + 20 });
    await rig.load();
    await rig.link();
    await rig.open();
    const expected: string[] = [];
    const window = await greenMs(rig, expected);
    for (let i = 0; figures.kills < kills; i++) {
      const say: Say = (kind, what) => {
        figures[kind]++;
        figures.examples.push(`kill ${i}: ${what}`);
      };
      const prepared = await rig.prepare(100 + i, BALLOT);
      const deed = i % 5 === 3 ? 'print' : i % 5 === 4 ? 'correction' : 'green';
      if (deed === 'print') void rig.print(prepared).catch(() => undefined);
      else {
        await rig.printed(prepared);
        rig.metal.press(deed);
      }
      await pause(Math.random() * window);
      await rig.cutPower();
      figures.kills++;
      const committed = isCommitted(rig.election, rig.host.flashImage(), prepared);
      if (i % 3 === 2) {
        void rig.host.powerOn().catch(() => undefined);
        await pause(Math.random() * 200);
        await rig.cutPower();
        figures.kills++;
      }
      await rig.host.powerOn();
      if (await judge(rig, prepared, committed, expected, say)) figures.cast++;
      else figures.notCast++;
      await rig.takeCard();
    }
    await rig.close();
    await rig.cutPower();
    const report = auditImage(crypto, rig.host.flashImage());
    const held = report.sealed.map((record) => toHex(crypto.sha256(record).slice(0, 16)));
    for (const { code, at } of report.findings) {
      figures.unnamed++;
      figures.examples.push(`auditor: ${code} at ${at}`);
    }
    figures.lost += expected.filter((name) => !held.includes(name)).length;
    figures.doubled += held.filter((name) => !expected.includes(name)).length;
    if (rig.violation !== undefined) throw rig.violation;
  } finally {
    await rig.host.end();
  }
  return figures;
}
