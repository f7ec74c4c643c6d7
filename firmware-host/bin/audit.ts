// Reads a flash image and says whether it is sound.
import { readFileSync } from 'node:fs';
import { toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { auditImage } from '../src/audit/image.ts';

const HELP = `usage: audit IMAGE
Reads the flash image of a ballot box without its firmware, lists what it holds and whether it is sound.
Exit 0 sound, 1 not sound, 2 usage.`;

const args = process.argv.slice(2);
if (args.length !== 1 || args[0]?.startsWith('--')) {
  process[args[0] === '--help' ? 'stdout' : 'stderr'].write(`${HELP}\n`);
  process.exitCode = args[0] === '--help' ? 0 : 2;
} else {
  const report = auditImage(nodeCrypto, Uint8Array.from(readFileSync(args[0] as string)));
  for (const finding of report.findings) process.stderr.write(`${finding.code} at ${finding.at}\n`);
  const { sound, lifecycle, boots, poweredMinutes, counters, commitment } = report;
  process.stdout.write(
    `${JSON.stringify({
      name: 'audit',
      ok: sound,
      lifecycle,
      boots,
      powered_minutes: poweredMinutes,
      counters: counters ?? null,
      set_root: commitment === undefined ? null : toHex(commitment.value.setRoot),
      findings: report.findings,
    })}\n`,
  );
  process.exitCode = sound ? 0 : 1;
}
