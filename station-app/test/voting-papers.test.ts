/**
 * Minutes and papers of a real day: one press signs slip and minutes, refusals and reports stand in them, they are judged
 * by the protocol's own judge, every copy has its number also after kill -9, and the printer gets what the file shows.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Bytes,
  checkBundle,
  checkMinutes,
  checkProvisioning,
  decode,
  encode,
  fromUtf8,
  joinSlipPages,
  type Provisioning,
  records,
  slipPages,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readProvisioningFolder } from '../src/stores/provisioning-folder.ts';
import { AUTHORITY_KEY, PINS, STATION, VotingRoom } from './voting-room.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandoq-printer-'));
const printer = join(folder, 'printer');
const room = new VotingRoom({ reportPrinter: printer });
const out = (name: string): Bytes => new Uint8Array(readFileSync(join(room.data, 'out', name)));
const REPORT = 'صف بلند بود';

let provisioning: Provisioning;

beforeAll(async () => {
  writeFileSync(printer, '');
  await room.setUp();
  const checked = checkProvisioning(
    readProvisioningFolder(join(room.folder, 'package')),
    nodeCrypto,
    AUTHORITY_KEY,
  );
  if (!checked.ok) throw new Error(JSON.stringify(checked.fault));
  provisioning = checked.value;
});
afterAll(async () => {
  await room.tearDown();
  rmSync(folder, { recursive: true, force: true });
});

const print = (form: 'zero_report' | 'tape' | 'minutes' | 'slip_pages') =>
  room.call('paper.print', { form, locale: 'fa' });

async function sign(
  role: keyof typeof PINS,
  word: { refused?: boolean; remark?: string } = {},
): Promise<void> {
  await room.place(`role-${role}`, 'first');
  await room.call('step.approve', { slot: 'first', pin: PINS[role], ...word });
  await room.place(`role-${role}`, 'pocket');
}

describe('papers of a day', () => {
  test('the zero report is there once the box is open, and nothing else', async () => {
    await room.untilBox();
    await room.call('package.load', {});
    expect(await room.refusal('paper.print', { form: 'zero_report', locale: 'fa' })).toBe('wrong_phase');
    await room.call('opening.begin', { mode: 'rehearsal', seals: ['الف ۱۲'] });
    await room.approve(['executive', 'supervisor']);
    await room.untilPhase('open');
    expect(await print('zero_report')).toEqual({
      copy: 1,
      pages: 1,
      printed: true,
      file: 'papers/zero-report-1.pdf',
    });
    expect(await room.refusal('paper.print', { form: 'tape', locale: 'fa' })).toBe('wrong_phase');
    expect(fromUtf8(out('papers/zero-report-1.pdf').slice(0, 8))).toBe('%PDF-1.7');
    const dots = readFileSync(printer);
    expect([...dots.subarray(0, 5)]).toEqual([0x1b, 0x40, 0x1d, 0x76, 0x30]);
    expect(dots.length).toBeGreaterThan(50_000);
  });

  test('a copy keeps its number through kill -9', async () => {
    await room.kill();
    await room.start();
    await room.until('the papers', () => room.officerView?.papers?.[0]?.copies === 1);
    expect((await print('zero_report')).copy).toBe(2);
  });

  test('minutes are signed with the slip, with whoever refuses and why, and with the reports', async () => {
    await room.untilBox();
    await room.vote([1], [3, 4, 5]);
    await room.vote('blank', [7]);
    await room.close();
    await room.count();
    await room.takeClosingCards();
    await room.call('report.file', { text: REPORT, as: 'candidate_representative', card: null });
    await room.place('role-supervisor', 'first');
    const card = { slot: 'first' as const, pin: PINS.supervisor };
    await room.call('report.file', { text: 'همه‌چیز آرام بود', as: 'inspector', card });
    await room.place('role-supervisor', 'pocket');
    expect(await room.refusal('paper.print', { form: 'minutes', locale: 'fa' })).toBe('wrong_phase');
    expect((await print('tape')).copy).toBe(1);
    await room.call('slip.approve_begin', {});
    await sign('governor_representative');
    expect(await room.refusal('report.file', { text: 'x', as: 'inspector', card: null })).toBe('wrong_phase');
    await sign('council_representative', { refused: true, remark: 'شمارش برگه‌ها را می‌خواهم' });
    // Called off and begun again, also by another process, it is the same minutes.
    await room.call('step.cancel', {});
    await room.kill();
    await room.start();
    await room.untilPhase('counted');
    await room.call('slip.approve_begin', {});
    await sign('executive');
    await room.call('slip.send', {});
    const bundle = checkBundle(
      provisioning,
      nodeCrypto,
      out(`${STATION}.bundle`),
      Math.floor(Date.now() / 1000),
    );
    if (!bundle.ok) throw new Error(JSON.stringify(bundle.fault));
    const checked = checkMinutes(
      provisioning,
      nodeCrypto,
      bundle.value,
      out(`${STATION}.minutes`),
      Math.floor(Date.now() / 1000),
    );
    if (!checked.ok) throw new Error(JSON.stringify(checked.fault));
    const { minutes, approvals } = checked.value;
    expect(approvals.map(({ role, refused, remark }) => ({ role, refused, remark }))).toEqual([
      { role: 'council_representative', refused: true, remark: 'شمارش برگه‌ها را می‌خواهم' },
      { role: 'executive', refused: false, remark: undefined },
      { role: 'governor_representative', refused: false, remark: undefined },
    ]);
    expect(minutes.seals).toEqual(['الف ۱۲']);
    expect(minutes.recount).toBe('not_done');
    expect(minutes.reports.map(({ role, text, approval }) => [role, text, approval !== undefined])).toEqual([
      ['candidate_representative', REPORT, false],
      ['supervisor', 'همه‌چیز آرام بود', true],
    ]);
    expect(minutes.incidents).toContainEqual({ event: 'process_started', count: 1 });
  });

  test('a change of any word in the minutes is seen', () => {
    const at = Math.floor(Date.now() / 1000);
    const slip = checkBundle(provisioning, nodeCrypto, out(`${STATION}.bundle`), at);
    if (!slip.ok) throw new Error('no slip');
    const bundle = decode(records.minutesBundleShape, out(`${STATION}.minutes`));
    if (!bundle.ok) throw new Error('no minutes');
    const judged = (changed: records.MinutesBundle): string => {
      const checked = checkMinutes(
        provisioning,
        nodeCrypto,
        slip.value,
        encode(records.minutesBundleShape, changed),
        at,
      );
      return checked.ok ? 'sound' : checked.fault.code;
    };
    expect(judged(bundle.value)).toBe('sound');
    const minutes = bundle.value.minutes.slice();
    minutes[minutes.length - 100] = (minutes.at(-100) as number) ^ 1;
    expect(judged({ ...bundle.value, minutes })).not.toBe('sound');
    // Signatures under the slip are no signatures under the minutes.
    const ofSlip = decode(records.bundleShape, out(`${STATION}.bundle`));
    if (!ofSlip.ok) throw new Error('no bundle');
    expect(judged({ ...bundle.value, approvals: ofSlip.value.approvals })).toBe('approval_of_other_action');
    expect(judged({ ...bundle.value, approvals: bundle.value.approvals.slice(1) })).toBe('approval_missing');
  });

  test('the codes carry the bundle that is sent, whole', async () => {
    const bundle = out(`${STATION}.bundle`);
    expect(joinSlipPages(nodeCrypto, slipPages(nodeCrypto, bundle))).toEqual({ ok: true, value: bundle });
    const before = readFileSync(printer).length;
    const [minutes, pages] = [await print('minutes'), await print('slip_pages')];
    expect([minutes.copy, pages.copy, pages.printed]).toEqual([1, 1, true]);
    expect(readFileSync(printer).length - before).toBeGreaterThan(200_000);
    expect(room.officerView?.papers?.map(({ form }) => form)).toEqual([
      'zero_report',
      'tape',
      'minutes',
      'slip_pages',
    ]);
  });

  test('where the printer takes nothing, the file is kept and the officer told', async () => {
    rmSync(printer, { force: true });
    rmSync(folder, { recursive: true, force: true });
    expect(await room.refusal('paper.print', { form: 'tape', locale: 'en' })).toBe('report_printer_failed');
    expect(fromUtf8(out('papers/tape-2.pdf').slice(0, 5))).toBe('%PDF-');
  });
});
