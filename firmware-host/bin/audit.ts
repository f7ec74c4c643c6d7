// Reads a flash image and says whether it is sound.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { auditImage, type ImageReport } from '../src/audit/image.ts';

const HELP = `usage: audit IMAGE [--out FOLDER]
Reads the flash image of a ballot box without its firmware, lists what it holds and whether it is sound.
  --out FOLDER  writes what it holds of the day: session.cose, zero-report.cose, commitment.cose, records.bin (sealed
                records in order of their names) and report.json, for npm run recover and npm run recount
Exit 0 sound, 1 not sound, 2 usage.`;

/** Exactly what was read: whoever takes it on checks every signature again. */
function writeDay(folder: string, report: ImageReport, line: string): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, bytes: Uint8Array): void =>
    writeFileSync(join(folder, name), bytes, { mode: 0o600 });
  const signed = { session: report.session, 'zero-report': report.zeroReport, commitment: report.commitment };
  for (const [name, one] of Object.entries(signed)) if (one !== undefined) write(`${name}.cose`, one.bytes);
  write('records.bin', Buffer.concat(report.sealed));
  write('report.json', Buffer.from(line));
}

/** @returns undefined where there is no such file, or it cannot be read: said on standard error */
function readImage(path: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(readFileSync(path));
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : 'the image cannot be read'}\n`);
    return undefined;
  }
}

const args = process.argv.slice(2);
const [image, option, folder] = args;
const wanted = args.length === 1 || (args.length === 3 && option === '--out');
const bytes = !wanted || image === undefined || image.startsWith('--') ? undefined : readImage(image);
if (!wanted || image === undefined || image.startsWith('--')) {
  process[image === '--help' ? 'stdout' : 'stderr'].write(`${HELP}\n`);
  process.exitCode = image === '--help' ? 0 : 2;
} else if (bytes === undefined) process.exitCode = 2;
else {
  const report = auditImage(nodeCrypto, bytes);
  for (const finding of report.findings) process.stderr.write(`${finding.code} at ${finding.at}\n`);
  const { sound, lifecycle, boots, poweredMinutes, counters, commitment, log } = report;
  const line = `${JSON.stringify({
    name: 'audit',
    ok: sound,
    lifecycle,
    boots,
    powered_minutes: poweredMinutes,
    counters: counters ?? null,
    log_lines: log?.lines.length ?? null,
    set_root: commitment === undefined ? null : toHex(commitment.value.setRoot),
    findings: report.findings,
  })}\n`;
  if (folder !== undefined) writeDay(folder, report, line);
  process.stdout.write(line);
  process.exitCode = sound ? 0 : 1;
}
