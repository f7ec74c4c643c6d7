import { existsSync, mkdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import {
  ADMISSION_SLOTS,
  decodeRoleIdentity,
  encodeApdu,
  fromHex,
  INS,
  ROLE_CARD_AID,
  STATUS_WORDS,
  toHex,
  utf8,
} from '@sandoq/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTROL_LINE_BYTES_MAX, WAITING_DEEDS_MAX } from '../src/control/deeds.ts';
import { BenchRefusal, type Enrolment, type RoomView } from '../src/index.ts';
import {
  type BenchFolder,
  type BenchProcess,
  benchFolder,
  demandFirmware,
  helloOver,
  readerHost,
  spawnBench,
  startBenchProcess,
} from './bench-process.ts';
import { AUTHORITY_KEY, ELECTION, STATION } from './election.ts';

const PINS = {
  executive: '1111',
  supervisor: '2222',
  governor_representative: '3333',
  council_representative: '4444',
} as const;

const enrolmentDeed = {
  do: 'enrolment',
  station: STATION,
  election: ELECTION,
  authority_key: toHex(AUTHORITY_KEY),
  pins: PINS,
  tarefe_cards: 2,
} as const;

let at: BenchFolder;
let bench: BenchProcess;

const refusal = async (promise: Promise<unknown>): Promise<string> => {
  const cause: unknown = await promise.then(
    () => undefined,
    (one: unknown) => one,
  );
  return cause instanceof BenchRefusal ? cause.code : `not refused: ${String(cause)}`;
};

beforeAll(async () => {
  demandFirmware();
  at = benchFolder();
  bench = await startBenchProcess(at, [at.station(STATION)]);
});
afterAll(async () => {
  await bench.stop('SIGTERM');
  at.remove();
});

describe('enrolment', () => {
  let enrolled: Enrolment;
  beforeAll(async () => {
    enrolled = await bench.client.perform(enrolmentDeed);
  });

  it('makes box, role cards and tarefe cards, and gives out public keys only', () => {
    expect(enrolled.box.subject).toBe(`station/${STATION}/box/1`);
    expect(enrolled.tarefe_cards).toEqual(['tarefe-1', 'tarefe-2']);
    expect(enrolled.roles.map((role) => role.role)).toEqual(Object.keys(PINS));
    const withCountKey = enrolled.roles
      .filter((role) => role.count_key !== undefined)
      .map((role) => role.role);
    expect(withCountKey).toEqual(['governor_representative', 'council_representative']);
    const keys = [enrolled.box, enrolled.tarefe, ...enrolled.roles].map((one) => one.key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
  });

  it('answers the same again and refuses another authority', async () => {
    expect(await bench.client.perform(enrolmentDeed)).toEqual(enrolled);
    const other = { ...enrolmentDeed, authority_key: 'ab'.repeat(32) };
    expect(await refusal(bench.client.perform(other))).toBe('already_enrolled');
  });

  it("the box behind the real serial port proves that key's subject", async () => {
    const hello = await helloOver(at.station(STATION).box.pty);
    expect(hello.subject).toBe(enrolled.box.subject);
    expect(toHex(hello.key)).toBe(enrolled.box.key);
    expect(hello.lifecycle).toBe('provisioned');
  });

  it('a role card in the reader says who it is', async () => {
    await bench.client.perform({
      do: 'place_card',
      station: STATION,
      card: 'role-executive',
      where: 'executive',
    });
    const host = await readerHost(at.station(STATION).admission_reader_socket);
    const slot = ADMISSION_SLOTS.executive;
    await host.apdu(slot, encodeApdu(0, INS.select, 4, 0, ROLE_CARD_AID));
    const identity = decodeRoleIdentity((await host.apdu(slot, encodeApdu(0x80, INS.identity, 0, 0))).data);
    expect(identity && toHex(identity.key)).toBe(enrolled.roles[0]?.key);
    host.close();
    await bench.client.perform({
      do: 'place_card',
      station: STATION,
      card: 'role-executive',
      where: 'pocket',
    });
  });
});

describe('impossible deeds', () => {
  const perform = (deed: Parameters<typeof bench.client.perform>[0]): Promise<string> =>
    refusal(bench.client.perform(deed as never));
  it('are refused by name, and the bench goes on', async () => {
    const station = STATION;
    expect(await perform({ do: 'state', station: 'nowhere' })).toBe('station_unknown');
    expect(await perform({ do: 'place_card', station, card: 'none', where: 'document' })).toBe(
      'card_unknown',
    );
    expect(await perform({ do: 'place_card', station, card: 'tarefe-1', where: 'pocket' })).toBe(
      'already_there',
    );
    await bench.client.perform({ do: 'place_card', station, card: 'tarefe-1', where: 'box_pad' });
    expect(await perform({ do: 'place_card', station, card: 'tarefe-2', where: 'box_pad' })).toBe(
      'slot_occupied',
    );
    await bench.client.perform({ do: 'place_card', station, card: 'tarefe-1', where: 'pocket' });
    expect(await perform({ do: 'paper', station, fault: 'clear' })).toBe('fault_impossible');
    expect(await perform({ do: 'lid', station, open: false })).toBe('already_there');
    expect(await perform({ do: 'cable', station, link: 'box', plugged: true })).toBe('already_there');
    expect(await perform({ do: 'power', station, on: true })).toBe('already_there');
    expect(await perform({ do: 'papers', station, bin: 'bin', from: 0 })).toBe('bad_request');
    expect(await perform({ do: 'await_window', station, window: 'paper', timeout_ms: 5 })).toBe('timeout');
    await bench.client.perform({ do: 'power', station, on: false });
    expect(await perform({ do: 'press', station, key: 'green' })).toBe('no_power');
    await bench.client.perform({ do: 'power', station, on: true });
    expect(await perform({ do: 'add_station', config: at.station(STATION) })).toBe('station_exists');
    expect((await bench.client.perform({ do: 'state', station })).power).toBe(true);
  });

  it('a line that is no deed is refused, a line without end ends the connection, and nothing else', async () => {
    const socket = createConnection(at.control);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.write('nonsense\n{"no":"id"}\n{"id":3,"do":"fly"}\n{"id":4,"do":"stations","more":1}\n');
    while (text.split('\n').length < 5) await new Promise((resolve) => setTimeout(resolve, 2));
    for (const line of text.trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ ok: false, refusal: { code: 'bad_request' } });
    const cut = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.write('x'.repeat(CONTROL_LINE_BYTES_MAX + 2));
    await cut;
    expect(await bench.client.perform({ do: 'stations' })).toContain(STATION);
  });
});

describe('a deed of which only the refusal is told', () => {
  it('says nothing where it was done, and its name where it was not', async () => {
    const socket = createConnection(at.control);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    const deed = { do: 'place_card', station: STATION, card: 'tarefe-1', where: 'box_pad' };
    for (const [id, quiet] of ['refusal_only', 'refusal_only', true, 'no'].entries())
      socket.write(`${JSON.stringify({ ...deed, where: id === 2 ? 'pocket' : deed.where, id, quiet })}\n`);
    while (text.split('\n').length < 4) await new Promise((resolve) => setTimeout(resolve, 2));
    socket.destroy();
    const answers = text
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(answers).toHaveLength(3);
    expect(answers).toContainEqual({
      id: 1,
      ok: false,
      refusal: { code: 'already_there', detail: 'tarefe-1' },
    });
    expect(answers).toContainEqual({ id: 2, ok: true, value: null });
    expect(answers).toContainEqual({
      id: null,
      ok: false,
      refusal: { code: 'bad_request', detail: 'id is wanted' },
    });
  });

  it('rejects at the client, long after the first that nobody heard of again', async () => {
    const place = (where: 'box_pad' | 'pocket') =>
      bench.client.unlessRefused({ do: 'place_card', station: STATION, card: 'tarefe-1', where });
    for (let i = 0; i < WAITING_DEEDS_MAX; i++) {
      for (const where of ['box_pad', 'pocket'] as const)
        place(where).catch((cause: Error) => expect(cause.message).toBe('the bench has gone'));
      if (i % 16 === 0) await bench.client.perform({ do: 'stations' });
    }
    expect(await refusal(place('pocket'))).toBe('already_there');
    expect((await bench.client.perform({ do: 'state', station: STATION })).slots.box_pad).toBeNull();
  });
});

describe('a room', () => {
  it('is told to whoever watches it, after each change', async () => {
    const views: RoomView[] = [];
    bench.client.onRoom((view) => views.push(view));
    await bench.client.perform({ do: 'watch', station: STATION });
    await bench.client.perform({ do: 'lid', station: STATION, open: true });
    await bench.client.perform({ do: 'lid', station: STATION, open: false });
    while (views.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(views.map((view) => view.lid_open)).toEqual([true, false]);
  });

  it('comes and goes while the bench runs', async () => {
    const config = at.station('st-2');
    mkdirSync(config.folder, { recursive: true });
    await bench.client.perform({ do: 'add_station', config });
    expect(await bench.client.perform({ do: 'stations' })).toEqual([STATION, 'st-2']);
    expect((await helloOver(config.box.pty)).lifecycle).toBe('unprovisioned');
    await bench.client.perform({ do: 'remove_station', station: 'st-2' });
    expect(existsSync(config.box.pty)).toBe(false);
    expect(existsSync(config.role_reader_socket)).toBe(false);
    await bench.client.perform({ do: 'add_station', config });
    expect((await helloOver(config.box.pty)).lifecycle).toBe('unprovisioned');
    await bench.client.perform({ do: 'remove_station', station: 'st-2' });
  });
});

describe('after SIGKILL', () => {
  it('box, cards and their tries are as they were', async () => {
    const station = STATION;
    const before = await bench.client.perform(enrolmentDeed);
    await bench.client.perform({
      do: 'make_card',
      station,
      as: 'voter-a',
      card: { kind: 'voter', national_code: '0084575948', name: 'زهرا محمدی', birth_date: '1980-03-21' },
    });
    await bench.client.perform({ do: 'place_card', station, card: 'role-supervisor', where: 'first' });
    const wrongPin = encodeApdu(0x80, INS.verify_pin, 0, 0, utf8('0000'));
    const tryWrong = async (): Promise<number> => {
      const host = await readerHost(at.station(station).role_reader_socket);
      await host.apdu(0, encodeApdu(0, INS.select, 4, 0, ROLE_CARD_AID));
      const { statusWord } = await host.apdu(0, wrongPin);
      host.close();
      return statusWord;
    };
    expect(await tryWrong()).toBe(0x63c2);
    await bench.client.perform({ do: 'lid', station, open: true });
    await bench.stop('SIGKILL');

    bench = await startBenchProcess(at, [at.station(STATION)]);
    const state = await bench.client.perform({ do: 'state', station });
    expect(state).toMatchObject({ power: true, lid_open: true, enrolled: true });
    expect(state.cards.map((card) => card.card)).toContain('voter-a');
    await bench.client.perform({ do: 'place_card', station, card: 'role-supervisor', where: 'first' });
    expect(await tryWrong()).toBe(0x63c1);
    expect(await tryWrong()).toBe(STATUS_WORDS.pin_blocked);
    expect(await bench.client.perform(enrolmentDeed)).toEqual(before);
    expect((await helloOver(at.station(station).box.pty)).key).toEqual(fromHex(before.box.key));
  });
});

describe('the process', () => {
  const end = (config: unknown): Promise<{ code: number | null; errors: string }> =>
    new Promise((resolve) => {
      const folder = join(at.folder, 'bad');
      mkdirSync(folder, { recursive: true });
      const child = spawnBench(config, folder);
      let errors = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        errors += chunk.toString();
      });
      child.once('exit', (code) => resolve({ code, errors }));
    });

  it('ends with 2 and names the field that is wrong or missing', async () => {
    expect((await end('{')).code).toBe(2);
    const missing = await end({ data_folder: at.folder, control_socket: join(at.folder, 'c'), panel: null });
    expect(missing.code).toBe(2);
    expect(missing.errors).toContain('stations');
    const unknown = await end({
      data_folder: at.folder,
      control_socket: join(at.folder, 'c'),
      panel: null,
      stations: [],
      extra: 1,
    });
    expect(unknown.code).toBe(2);
    expect(unknown.errors).toContain('extra');
  });

  it('does not take over the socket of a living bench', async () => {
    const second = await end({
      data_folder: at.folder,
      control_socket: at.control,
      panel: null,
      stations: [],
    });
    expect(second.code).not.toBe(0);
    expect(await bench.client.perform({ do: 'stations' })).toEqual([STATION]);
  });
});
