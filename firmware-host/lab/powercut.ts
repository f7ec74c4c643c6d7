/**
 * `npm run lab -- powercut [--short] [--deed NAME] [--stride N] [--qemu-kills N]`: power cut at every flash word of a whole
 * cast, reject, open, close and more, between words and in the middle of one, and again during the recovery, in `sim`; and
 * a sample of `kill -9` of the emulated board. One JSON line on stdout.
 */
import { parseArgs } from 'node:util';
import { DEED_NAMES, type DeedName, sweepDeed, TEARS } from '../test/cuts.ts';
import { builtImage } from '../test/hosts.ts';
import { killEmulator } from '../test/qemu-cuts.ts';

const HELP = `usage: npm run lab -- powercut [--short] [--deed NAME] [--stride N] [--qemu-kills N]
  --short         every 23rd word, few kills
  --deed NAME     one of: ${DEED_NAMES.join(' ')}; without the emulator
  --stride N      every Nth word (1: all)
  --qemu-kills N  of the emulator (default 20; 0: none)`;

const SHORT_STRIDE = 23;
const QEMU_KILLS = 20;
const QEMU_KILLS_SHORT = 4;
/** The deeds of the promise are cut at every word; loading and clearing, which no vote rests on yet, at every third. */
const STRIDES: Readonly<Partial<Record<DeedName, number>>> = { load: 3, clear: 3, cast_ring_full: 2 };

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    short: { type: 'boolean' },
    deed: { type: 'string' },
    stride: { type: 'string' },
    'qemu-kills': { type: 'string' },
  },
});
if (values.help === true) {
  console.error(HELP);
  process.exit(0);
}
const deeds = DEED_NAMES.filter((name) => values.deed === undefined || values.deed === name);
const asked = values.stride === undefined ? undefined : Number(values.stride);
const killsAsked = Number(values['qemu-kills'] ?? (values.short === true ? QEMU_KILLS_SHORT : QEMU_KILLS));
const kills = values.deed === undefined ? killsAsked : 0;
if (
  deeds.length === 0 ||
  !(Number.isInteger(kills) && kills >= 0) ||
  (asked !== undefined && !(Number.isInteger(asked) && asked >= 1))
) {
  console.error(HELP);
  process.exit(2);
}

const sum = { cuts_tried: 0, double_cuts: 0, lost: 0, doubled: 0, unnamed_states: 0 };
const words: Record<string, number> = {};
for (const name of deeds) {
  const stride = asked ?? (values.short === true ? SHORT_STRIDE : (STRIDES[name] ?? 1));
  const started = process.cpuUsage();
  const result = await sweepDeed(name, { tears: TEARS, stride, doubleStride: stride });
  const { user, system } = process.cpuUsage(started);
  sum.cuts_tried += result.cuts;
  sum.double_cuts += result.doubleCuts;
  sum.lost += result.lost;
  sum.doubled += result.doubled;
  sum.unnamed_states += result.unnamed;
  words[`${name}_words`] = result.words;
  for (const example of result.examples) console.error(`  ${example}`);
  console.error(
    `${name}: ${result.words} words, every ${stride}; ${result.cuts} cuts (${result.doubleCuts} of them twice), ` +
      `lost ${result.lost}, doubled ${result.doubled}, unnamed ${result.unnamed}; ${((user + system) / 1e6).toFixed(0)} s of processor`,
  );
}
// Without its tools the emulated board is not run, and the figures say so.
const image = kills > 0 ? await builtImage() : undefined;
const qemu = image === undefined ? undefined : await killEmulator(image, kills);
if (qemu !== undefined) {
  sum.cuts_tried += qemu.kills;
  sum.lost += qemu.lost;
  sum.doubled += qemu.doubled;
  sum.unnamed_states += qemu.unnamed;
  for (const example of qemu.examples) console.error(`  qemu, ${example}`);
  console.error(`qemu: ${qemu.kills} kills; ${qemu.cast} votes cast, ${qemu.notCast} not`);
} else console.error('qemu: not run');
const ok = sum.cuts_tried > 0 && sum.lost === 0 && sum.doubled === 0 && sum.unnamed_states === 0;
console.log(
  JSON.stringify({
    name: 'powercut',
    ok,
    figures: {
      ...sum,
      tears: TEARS.length,
      ...words,
      qemu_run: qemu !== undefined,
      qemu_kills: qemu?.kills ?? 0,
    },
  }),
);
process.exitCode = ok ? 0 : 1;
