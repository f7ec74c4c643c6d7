/**
 * `npm run lab -- disk [--short] [--at N]`: a short day on real SQLite under a recorder; then every prefix of what was written,
 * and the reorderings, losses and tears that the recorded syncs allow, each opened and reconciled by the station's own code
 * against the box as it was at that moment; days on a disk that is full or slow now and then; and the stores on a file system of
 * their own, in a guest whose emulator is killed in the middle of their writing. Progress on stderr, one JSON line on stdout.
 */
import { parseArgs } from 'node:util';
import { checkDisks, checkFullDisks, type DiskCheck } from '../rig/disk/check.ts';
import { guestDiskLacks, killGuests } from '../rig/disk/guest-kills.ts';
import { chanceOf } from '../rig/simulation/chance.ts';
import { removeFolder, simulationFolder } from '../rig/simulation/scene.ts';

const FULL_DAYS = 10;
const GUEST_KILLS = 12;
const GUEST_KILLS_SHORT = 2;
const USAGE = `usage: npm run lab -- disk [--short] [--at N] [--guest-kills N] [--only PART] [--seed S]

  --short          one sync in twelve, one prefix in forty, ${GUEST_KILLS_SHORT} kills of the guest
  --at N           only crashes after N operations, with the trace of those that fail
  --guest-kills N  of the emulator under the guest's stores (${GUEST_KILLS})
  --only PART      one of: crashes full guest
  --seed S         of the guest's kills (1)
`;

const { values } = (() => {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean' },
        short: { type: 'boolean' },
        at: { type: 'string' },
        'guest-kills': { type: 'string' },
        only: { type: 'string' },
        seed: { type: 'string' },
      },
    });
  } catch (cause) {
    console.error(`${cause instanceof Error ? cause.message : 'arguments are wrong'}\n\n${USAGE}`);
    process.exit(2);
  }
})();
if (values.help === true) {
  console.error(USAGE);
  process.exit(0);
}
const PARTS = ['crashes', 'full', 'guest'] as const;
const guestKills = Number(values['guest-kills'] ?? (values.short === true ? GUEST_KILLS_SHORT : GUEST_KILLS));
const isPart = values.only === undefined || PARTS.some((part) => part === values.only);
const at = values.at === undefined ? undefined : Number(values.at);
const isAt = at === undefined || (Number.isInteger(at) && at >= 0);
if (!isPart || !isAt || !(Number.isInteger(guestKills) && guestKills > 0)) {
  console.error(USAGE);
  process.exit(2);
}
const root = simulationFolder();
process.once('exit', () => removeFolder(root));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const short = values.short === true;
const asked = values.at === undefined ? values.only : 'crashes';
const runs = (part: (typeof PARTS)[number]): boolean => asked === undefined || asked === part;
const onProgress = (text: string): void => console.error(text);

async function crashed(): Promise<{ readonly figures: object; readonly failing: DiskCheck['failing'] }> {
  const { figures, failing } = await checkDisks(root, {
    everySync: short ? 12 : 1,
    everyPrefix: short ? 40 : 1,
    only: at,
    onProgress,
  });
  const nothing = figures.states > 0 ? [] : [{ what: 'the recording', findings: ['no disk was tried'] }];
  return { figures, failing: [...failing, ...nothing] };
}

function full(): { readonly figures: object; readonly failing: DiskCheck['failing'] } {
  const seeds = Array.from({ length: short ? 1 : FULL_DAYS }, (_, i) => i + 1);
  const { days, timesFull, failing } = checkFullDisks(root, seeds, onProgress);
  return {
    figures: { full_disk_days: days, times_full: timesFull, full_disk_failing: failing.length },
    failing,
  };
}

async function guest(): Promise<{ readonly figures: object; readonly failing: DiskCheck['failing'] }> {
  const lacks = guestDiskLacks();
  if (lacks !== undefined) {
    // The figures say so: nobody takes a guest that was not run for one that held.
    onProgress(`no guest here: ${lacks} is missing (npm run system)`);
    return { figures: { guest_kills: 0 }, failing: [] };
  }
  const tried = await killGuests(guestKills, chanceOf(`guest ${values.seed ?? '1'}`), onProgress);
  const { kills, deeds, flushes, unflushedSectors, lost } = tried;
  const findings = [...tried.findings];
  const control = await killGuests(1, chanceOf('control'), onProgress, false);
  const caught = control.findings.length > 0;
  onProgress(caught ? '  a disk that lies about its flushes is caught' : 'FAILS a lying disk is not caught');
  if (!caught) findings.push('a disk that lies about its flushes is not caught');
  return {
    figures: {
      guest_lying_disk_caught: caught,
      guest_kills: kills,
      guest_deeds: deeds,
      guest_flushes: flushes,
      guest_sectors_unflushed: unflushedSectors,
      guest_lost: lost,
    },
    failing: findings.length === 0 ? [] : [{ what: `guest, --seed ${values.seed ?? '1'}`, findings }],
  };
}

const done = [
  ...(runs('crashes') ? [await crashed()] : []),
  ...(runs('full') ? [full()] : []),
  ...(runs('guest') ? [await guest()] : []),
];
const failing = done.flatMap((one) => one.failing);
for (const { what, findings } of failing)
  console.error(`FAILS ${what}: ${findings.join('; ').slice(0, 800)}`);
const ok = failing.length === 0;
console.log(
  JSON.stringify({ name: 'disk', ok, figures: Object.assign({}, ...done.map(({ figures }) => figures)) }),
);
process.exit(ok ? 0 : 1);
