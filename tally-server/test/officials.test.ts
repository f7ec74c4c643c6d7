/** Officials' pages: sign-in, what is missing, what disagrees, hints, numbers followed down, paper counts. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { roleSubject } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import type { SlipJson, StationEnrolment, TotalsJson } from '@sandoq/tally-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { votesOf } from './bundle-builder.ts';
import { AUTHORITY_SECRET, secretOf, stationNamed } from './province.ts';
import { RunningProvince } from './running-province.ts';

const BOARDS = ['executive_board', 'supervisory_board'] as const;
const withBoards = (id: string, county: string): StationEnrolment => {
  const station = stationNamed(id, { county });
  const boards = BOARDS.map((role) => ({
    subject: roleSubject(id, role),
    role,
    key: nodeCrypto.signingPublicKey(secretOf(roleSubject(id, role))),
  }));
  return { ...station, roles: [...station.roles, ...boards] };
};
const STATIONS = 13;
const id = (i: number): string => `s${String(i).padStart(2, '0')}`;

let province: RunningProvince;
beforeAll(async () => {
  province = new RunningProvince(
    Array.from({ length: STATIONS }, (_, i) => withBoards(id(i), i < 7 ? 'upper' : 'lower')),
  );
  await province.start({ rolesRequired: ['governor_representative', 'council_representative', 'executive'] });
  for (let i = 0; i < STATIONS - 1; i++) {
    // The last of them has four times the votes of the others: a hint, and no more.
    const cast = i === 11 ? 800 : 200 + i;
    const minutes = i === 3 ? (['governor_representative', 'council_representative'] as const) : undefined;
    await province.send(province.bundle(id(i), { ...(minutes && { minutes }) }, votesOf(cast, i)));
  }
});
afterAll(() => province.remove());

const token = (role: string): string =>
  readFileSync(join(province.dataFolder, `${role}.token`), 'utf8').trim();

async function signIn(role: string): Promise<string> {
  const response = await fetch(`${province.address}/officials/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ token: token(role) }),
    redirect: 'manual',
  });
  expect(response.status).toBe(303);
  const cookie = response.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
  return cookie.split(';')[0] as string;
}
const get = (path: string, cookie = ''): Promise<Response> =>
  fetch(`${province.address}${path}`, { headers: { cookie }, redirect: 'manual' });
const text = async (path: string, cookie: string): Promise<string> => {
  const response = await get(path, cookie);
  expect([path, response.status]).toEqual([path, 200]);
  return response.text();
};

describe('sign-in', () => {
  it('every page of officials asks for it, and a wrong token is refused', async () => {
    const root = `/officials/${province.election}`;
    for (const path of [
      '/officials',
      root,
      `${root}/slips/s00`,
      `${root}/places/north`,
      `${root}/numbers/people/cast`,
      `${root}/paper/s00`,
    ]) {
      const response = await get(path);
      expect([path, response.status, response.headers.get('location')]).toEqual([
        path,
        303,
        '/officials/sign-in',
      ]);
    }
    expect((await get(`${root}/events`)).status).toBe(403);
    const body = new URLSearchParams({ token: 'guess' });
    expect((await fetch(`${province.address}/officials/sign-in`, { method: 'POST', body })).status).toBe(403);
  });

  it('a form of another site is refused, and signing out ends the session', async () => {
    const cookie = await signIn('administrator');
    const foreign = await fetch(`${province.address}/officials/sign-out`, {
      method: 'POST',
      headers: {
        cookie,
        origin: 'https://elsewhere.example',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: '',
    });
    expect(foreign.status).toBe(403);
    expect((await get(`/officials/${province.election}`, cookie)).status).toBe(200);
    await fetch(`${province.address}/officials/sign-out`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      body: '',
      redirect: 'manual',
    });
    expect((await get(`/officials/${province.election}`, cookie)).status).toBe(303);
  });
});

describe("the officials' page", () => {
  it('says what is missing, what is not published yet and why, and what may be worth a call', async () => {
    const page = await text(`/officials/${province.election}`, await signIn('administrator'));
    expect(page).toContain('نرسیده‌ها: ۱ شعبه');
    expect(page).toContain('هنوز منتشر نمی‌شود؛ امضای این سمت‌ها در صورت‌جلسه نیست: نمایندهٔ هیئت اجرایی');
    expect(page).toContain('این‌ها فقط نشانه است، نه حکم');
    expect(page).toMatch(/slips\/s11"[\s\S]*?رأی‌ها نسبت به گنجایش شعبه/);
  });

  it('shows a slip that is held and not public, which everyone else is told is not public', async () => {
    const slip = `/slips/s03`;
    expect((await get(`/elections/${province.election}${slip}`)).status).toBe(404);
    expect(await text(`/officials/${province.election}${slip}`, await signIn('administrator'))).toContain(
      'امضاکنندگان',
    );
  });
});

describe('every number leads down to the signed slip', () => {
  const numbersOn = (page: string): readonly string[] => [
    ...new Set([...page.matchAll(/href="([^"]*\/numbers\/[^"]*)"/g)].map(([, href]) => href as string)),
  ];
  const totalOn = (page: string): string => /data-key="drill-total">([^<]*)</.exec(page)?.[1] ?? '';

  it.each(['/elections', '/officials'])('on %s', async (prefix) => {
    const cookie = await signIn('administrator');
    const page = await text(`${prefix}/${province.election}?lang=en`, cookie);
    // Tiles, people, four counts of two contests, and sixteen candidates: each is a link.
    expect(numbersOn(page).length).toBeGreaterThan(4 + 4 + 8 + 16);
    const start = `${prefix}/${province.election}/numbers/president/22`;
    expect(page).toContain(`${start}?lang=en`);
    let path = start;
    for (let depth = 0; depth <= 4; depth++) {
      const level = await text(`${path}?lang=en`, cookie);
      const parts = [
        ...level.matchAll(
          /<tr><th scope="row">[\s\S]*?<td class="number">(?:<a href="([^"?]*)[^"]*">)?([\d,]*)/g,
        ),
      ];
      const sum = parts.reduce((total, [, , value]) => total + Number(value?.replaceAll(',', '')), 0);
      expect(sum).toBe(Number(totalOn(level).replaceAll(',', '')));
      path = parts.at(0)?.[1] as string;
    }
    expect(path).toMatch(/\/slips\/s\d\d$/);
    const slip = await text(`${path}?lang=en`, cookie);
    expect(slip).toContain('/role/governor-representative');
    expect(slip).toMatch(/[0-9a-f]{64}/);
  });

  it('a number that no page shows is not found', async () => {
    for (const tail of ['slips/lost', 'people/all', 'president/99', 'mayor/valid', 'president/22/nowhere'])
      expect((await get(`/elections/${province.election}/numbers/${tail}`)).status).toBe(404);
  });
});

describe('a paper count', () => {
  const path = (): string => `/officials/${province.election}/paper/s00`;
  const candidates = (contest: number, votes: readonly number[]): Record<string, string> =>
    Object.fromEntries(votes.map((count, k) => [`c${contest}.${k}`, String(count)]));
  const form = (first: number): Record<string, string> => ({
    minutes: '43-۱۲',
    papers: '۲۰',
    'c0.valid': '18',
    'c0.blank': '1',
    'c0.invalid': '1',
    ...candidates(0, [first, 18 - first, 0, 0]),
    'c1.valid': '20',
    'c1.blank': '0',
    'c1.invalid': '0',
    ...candidates(1, [20, 20, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  });
  const enter = async (role: string, body: Record<string, string>): Promise<number> => {
    const response = await fetch(`${province.address}${path()}`, {
      method: 'POST',
      headers: { cookie: await signIn(role) },
      body: new URLSearchParams(body),
      redirect: 'manual',
    });
    return response.status;
  };

  it('is entered twice, by two roles that do not see each other; wrong fields are named', async () => {
    expect(await enter('administrator', form(10))).toBe(403);
    expect(await enter('executive_board', { ...form(10), 'c0.0': '19' })).toBe(422);
    expect(await enter('executive_board', form(10))).toBe(303);
    const other = await text(path(), await signIn('supervisory_board'));
    expect(other).toContain('هیئت اجرایی وارد کرده است');
    expect(other).not.toMatch(/value="1[08]"/);
    expect(await enter('supervisory_board', form(11))).toBe(303);
    const differ = await text(path(), await signIn('supervisory_board'));
    expect(differ).toContain('دو ورود با هم نمی‌خواند');
    expect(differ.match(/با ورود دیگر نمی‌خواند/g)).toHaveLength(2);
    expect((await get(`${path()}/order`, await signIn('administrator'))).status).toBe(404);
  });

  it('becomes a segment of the slip when both agree and all four have signed', async () => {
    expect(await enter('supervisory_board', form(10))).toBe(303);
    const cookie = await signIn('administrator');
    const before = await province.json<SlipJson>(`/api/elections/${province.election}/slips/s00`);
    const keys: Readonly<Record<string, Uint8Array>> = {
      'voting-key': secretOf('station/s00/voting'),
      'authority-key': AUTHORITY_SECRET,
      'executive-board-key': secretOf(roleSubject('s00', 'executive_board')),
      'supervisory-board-key': secretOf(roleSubject('s00', 'supervisory_board')),
    };
    const order = join(province.folder, 'order.json');
    const out = join(province.folder, 'paper.bundle');
    writeFileSync(order, await text(`${path()}/order`, cookie));
    const options = Object.entries(keys).flatMap(([name, key]) => {
      const file = join(province.folder, name);
      writeFileSync(file, key, { mode: 0o600 });
      return [`--${name}`, file];
    });
    const script = join(import.meta.dirname, '..', 'bin', 'sign-paper-order.ts');
    const signed = spawnSync(process.execPath, [script, '--order', order, '--out', out, ...options], {
      encoding: 'utf8',
    });
    expect(signed.status).toBe(0);
    expect((await province.send(readFileSync(out), province.election, 'corrections')).status).toBe(201);

    const after = await province.json<SlipJson>(`/api/elections/${province.election}/slips/s00`);
    expect(after.segments.at(-1)).toMatchObject({ kind: 'paper', papers: 20, disputed: false });
    expect(after.totals[0]?.candidates[0]?.votes).toBe((before.totals[0]?.candidates[0]?.votes ?? 0) + 10);
    expect(after.totals[0]?.records).toBe((before.totals[0]?.records ?? 0) + 20);
    expect(after.versions).toHaveLength(2);
    const { createHash } = await import('node:crypto');
    const evidence = createHash('sha256')
      .update(await text(`${path()}/evidence`, cookie))
      .digest('hex');
    expect(after.segments.at(-1)?.evidence).toBe(evidence);
    expect(await text(path(), cookie)).toContain('این شمارش امضا شده');
    const totals = await province.json<TotalsJson>(`/api/elections/${province.election}/totals`);
    expect(totals.slips.disputed).toBe(0);
  });

  it('is not accepted with one board only', async () => {
    const script = join(import.meta.dirname, '..', 'bin', 'sign-paper-order.ts');
    const ran = spawnSync(
      process.execPath,
      [script, '--order', join(province.folder, 'order.json'), '--out', join(province.folder, 'x')],
      { encoding: 'utf8' },
    );
    expect(ran.status).toBe(2);
  });
});
