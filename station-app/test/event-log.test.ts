/** The log is a chain: nothing in it can be changed, dropped, moved or cut before its last signed head unseen. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bytes, directoryOf, type ElectionId, type Subject } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bucketOf,
  CHECKPOINT_EVERY_LINES,
  LOG_LINES_MAX,
  openEventLog,
  verifyEventLog,
} from '../src/stores/event-log.ts';

const election = 'demonstration' as ElectionId;
const subject = 'station/s1/voting' as Subject;
const secretKey = new Uint8Array(32).fill(7);
const trust = {
  crypto: nodeCrypto,
  directory: directoryOf([{ subject, purpose: 'voting', key: nodeCrypto.signingPublicKey(secretKey) }]),
  election,
  subject,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandoq-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () =>
  openEventLog({ path: join(folder, 'log.sqlite'), crypto: nodeCrypto, bucket: () => 1_800_000 });

function filled(lines: number): { lines: readonly Bytes[]; checkpoints: readonly Bytes[] } {
  const log = open();
  log.signWith({ election, subject, secretKey });
  for (let i = 0; i < lines; i++) log.append({ event: 'ballot_cast', counters: [i] });
  log.checkpoint();
  const out = { lines: log.lines(), checkpoints: log.checkpoints() };
  log.close();
  return out;
}

describe('the event log', () => {
  it('goes on from its last line after a restart, and replays', () => {
    filled(5);
    const log = open();
    log.append(
      { event: 'process_started' },
      { event: 'pin_failed', role: 'executive', refusal: 'wrong_pin' },
    );
    const verified = verifyEventLog(log.lines(), log.checkpoints(), trust);
    log.close();
    expect(verified.ok && verified.value.entries.map((entry) => entry.event)).toEqual([
      ...Array<string>(5).fill('ballot_cast'),
      'process_started',
      'pin_failed',
    ]);
    expect(verified.ok && verified.value.signedLines).toBe(5);
  });

  it('signs a head every CHECKPOINT_EVERY_LINES lines without being asked', () => {
    const log = open();
    log.signWith({ election, subject, secretKey });
    for (let i = 0; i < CHECKPOINT_EVERY_LINES - 1; i++) log.append({ event: 'ballot_printed' });
    expect(log.checkpoints()).toHaveLength(0);
    log.append({ event: 'ballot_printed' });
    expect(log.checkpoints()).toHaveLength(1);
    log.close();
  });

  it('is broken, at a named line, by any change, drop or exchange', () => {
    const { lines, checkpoints } = filled(6);
    const bytes = (lines[2] as Bytes).slice();
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    const changed = lines.with(2, bytes);
    expect(verifyEventLog(changed, checkpoints, trust)).toEqual({
      ok: false,
      fault: { code: 'chain_broken', line: 4 },
    });
    expect(verifyEventLog(lines.toSpliced(2, 1), checkpoints, trust)).toMatchObject({
      ok: false,
      fault: { line: 3 },
    });
    const swapped = lines.with(1, lines[2] as Bytes).with(2, lines[1] as Bytes);
    expect(verifyEventLog(swapped, checkpoints, trust)).toMatchObject({ ok: false, fault: { line: 2 } });
  });

  it('is caught when its tail is cut before a signed head, or its last line rewritten', () => {
    const { lines, checkpoints } = filled(6);
    const cut = verifyEventLog(lines.slice(0, 5), checkpoints, trust);
    expect(cut).toEqual({ ok: false, fault: { code: 'checkpoint_disagrees', checkpoint: 0 } });
    const tail = (lines[5] as Bytes).slice();
    tail[tail.length - 1] = (tail.at(-1) as number) ^ 1;
    expect(verifyEventLog(lines.with(5, tail), checkpoints, trust).ok).toBe(false);
  });

  it('trusts no head signed by another key or for another log', () => {
    const { lines, checkpoints } = filled(3);
    const other = directoryOf([
      { subject, purpose: 'voting', key: nodeCrypto.signingPublicKey(new Uint8Array(32).fill(9)) },
    ]);
    const fault = { ok: false, fault: { code: 'checkpoint_invalid', checkpoint: 0 } };
    expect(verifyEventLog(lines, checkpoints, { ...trust, directory: other })).toEqual(fault);
    expect(verifyEventLog(lines, checkpoints, { ...trust, election: 'other' as ElectionId })).toEqual(fault);
  });

  it('takes no line above LOG_LINES_MAX and says so', () => {
    open().close();
    const database = new Database(join(folder, 'log.sqlite'));
    database
      .prepare('INSERT INTO line (number, bytes) VALUES (?, ?)')
      .run(LOG_LINES_MAX - 1, Buffer.from([1]));
    database.close();
    const log = open();
    expect(log.append({ event: 'ballot_cast' })).toEqual({ ok: true, value: undefined });
    expect(log.append({ event: 'ballot_cast' })).toEqual({ ok: false, fault: { code: 'log_full' } });
    expect(log.head().lines).toBe(LOG_LINES_MAX);
    log.close();
  });

  it('keeps only the start of the period', () => {
    expect(bucketOf(1_800_123, 30)).toBe(1_800_000);
    expect(bucketOf(1_800_123, 0)).toBe(1_800_123);
  });

  it('is a file for its owner alone', () => {
    filled(1);
    expect(statSync(join(folder, 'log.sqlite')).mode & 0o777).toBe(0o600);
  });
});
