import {
  boxSubject,
  checkSignature,
  directoryOf,
  encode,
  equalBytes,
  parseRecord,
  parseTyped,
  type RecordType,
  records,
  type Shape,
  type Subject,
  sessionEntry,
  setRoot,
  stationEntries,
} from '@sandoq/protocol';
import { describe, expect, test, vi } from 'vitest';
import { storeLayout } from '../src/audit/layout.ts';
import { auditImage, createFlash } from '../src/index.ts';
import { AUTHORITY, approve, crypto, makeElection, STATION, signingPair } from './election.ts';
import { TestCard } from './metal.ts';
import { BALLOT, builtFirmware, openRig, Rig, refusalOf, twin } from './rig.ts';

// Minutes only where the machine is busy with other things; alone it takes seconds.
vi.setConfig({ testTimeout: 300_000 });

const firmware = await builtFirmware();
const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const out = Uint8Array.from(bytes);
  out[bit >> 3] = (out[bit >> 3] as number) ^ (1 << (bit & 7));
  return out;
};

function checked<Value>(
  rig: Rig,
  type: RecordType,
  shape: Shape<Value>,
  bytes: Uint8Array,
  session?: records.Session,
): Value {
  const parsed = parseTyped(bytes, type, shape);
  if (!parsed.ok) throw new Error(`${type}: ${parsed.fault.wanted}`);
  const directory = directoryOf([
    ...stationEntries(rig.election.station),
    ...(session ? [sessionEntry(session)] : []),
  ]);
  const signature = checkSignature(crypto, directory, rig.election.id, 0, parsed.value.record);
  if (!signature.ok) throw new Error(`${type}: ${signature.fault.code}`);
  return parsed.value.value;
}

function provisioned(choices: Parameters<Rig['provision']>[0] = {}): Rig {
  const rig = new Rig(firmware);
  rig.provision(choices);
  return rig;
}

describe('provisioning', () => {
  test('a fresh box has no key and says so; the key is made once, inside', () => {
    const rig = new Rig(firmware);
    expect(rig.hello()).toMatchObject({
      subject: '',
      key: new Uint8Array(32),
      signature: new Uint8Array(64),
      lifecycle: 'unprovisioned',
    });
    const ask = (key: Uint8Array) =>
      rig.ask('provision', { authorityKey: key, subject: boxSubject(STATION, 1) }).key;
    const key = ask(AUTHORITY.key);
    expect(ask(AUTHORITY.key)).toEqual(key);
    expect(refusalOf(() => ask(signingPair('other').key))).toBe('already_provisioned');
    rig.restart();
    expect(rig.hello()).toMatchObject({ subject: boxSubject(STATION, 1), key, lifecycle: 'provisioned' });
  });

  test('an authority key of small order is refused', () => {
    const authorityKey = Uint8Array.of(1, ...new Uint8Array(31));
    expect(refusalOf(() => new Rig(firmware).ask('provision', { authorityKey, subject: 'b' }))).toBe(
      'message_malformed',
    );
  });

  test('power lost at any word of provisioning leaves a box that can be provisioned', () => {
    for (let cut = 0; ; cut++) {
      const rig = new Rig(firmware);
      rig.flash.cutAfter(cut);
      rig.send('provision', { authorityKey: AUTHORITY.key, subject: boxSubject(STATION, 1) });
      const done = rig.box.powered;
      rig.flash.cutAfter(undefined);
      rig.restart();
      rig.provision();
      expect(rig.status().lifecycle).toBe('provisioned');
      if (done) break;
    }
  });
});

describe('loading', () => {
  test('goes in order, in chunks of any size, resumes after a restart, and repeats answer the same', () => {
    const rig = provisioned();
    const { election } = rig;
    expect(refusalOf(() => rig.loadPart('station', election.stationRecord))).toBe('load_out_of_order');
    expect(rig.loadPart('package', election.packageRecord, 7)).toBe('provisioned');
    expect(rig.loadPart('station', election.stationRecord, 1000)).toBe('provisioned');
    const digest = crypto.sha256(election.rasters);
    const begin = () => rig.ask('load_begin', { part: 'rasters', length: election.rasters.length, digest });
    const chunk = (offset: number) =>
      rig.ask('load_chunk', {
        part: 'rasters',
        offset,
        bytes: election.rasters.slice(offset, offset + 1500),
      });
    begin();
    expect(chunk(0).offset).toBe(1500);
    expect(chunk(0).offset).toBe(1500);
    expect(refusalOf(() => chunk(3000))).toBe('load_out_of_order');
    expect(refusalOf(() => rig.ask('load_end', { part: 'rasters' }))).toBe('load_out_of_order');
    rig.restart();
    expect(rig.status().lifecycle).toBe('provisioned');
    // 1,500 bytes are no finished sector: what is half there is written again.
    expect(begin().offset).toBe(0);
    expect(rig.loadPart('rasters', election.rasters)).toBe('loaded');
    rig.restart();
    expect(rig.status().lifecycle).toBe('loaded');
    expect(begin().offset).toBe(election.rasters.length);
  });

  test('finished sectors survive a restart', () => {
    const rig = provisioned({ contests: [[1, 90, true]] });
    rig.loadPart('package', rig.election.packageRecord);
    rig.loadPart('station', rig.election.stationRecord);
    const { rasters } = rig.election;
    const begin = () =>
      rig.ask('load_begin', { part: 'rasters', length: rasters.length, digest: crypto.sha256(rasters) })
        .offset;
    begin();
    rig.ask('load_chunk', { part: 'rasters', offset: 0, bytes: rasters.slice(0, 4096) });
    rig.ask('load_chunk', { part: 'rasters', offset: 4096, bytes: rasters.slice(4096, 6000) });
    rig.restart();
    expect(begin()).toBe(4096);
    expect(rig.loadPart('rasters', rasters)).toBe('loaded');
  });

  test('any one bit flipped in package, station or rasters is refused, under its own or a matching digest', () => {
    const rig = provisioned();
    const { packageRecord, stationRecord, rasters } = rig.election;
    const refusalOfPart = (part: 'package' | 'station' | 'rasters', bytes: Uint8Array) =>
      refusalOf(() => rig.loadPart(part, bytes));
    const bits = (bytes: Uint8Array) =>
      Array.from({ length: 40 }, (_, i) => Math.floor((i * bytes.length * 8) / 40) + (i % 8));
    for (const bit of bits(packageRecord))
      expect(['package_invalid', 'signature_invalid']).toContain(
        refusalOfPart('package', flip(packageRecord, bit)),
      );
    rig.loadPart('package', packageRecord);
    for (const bit of bits(stationRecord))
      expect(['station_invalid', 'signature_invalid', 'wrong_election']).toContain(
        refusalOfPart('station', flip(stationRecord, bit)),
      );
    rig.loadPart('station', stationRecord);
    for (const bit of bits(rasters))
      expect(refusalOfPart('rasters', flip(rasters, bit))).toBe('rasters_invalid');
    rig.ask('load_begin', { part: 'rasters', length: rasters.length, digest: crypto.sha256(rasters) });
    const last = flip(rasters, 9);
    for (let offset = 0; offset < last.length; offset += 4096)
      rig.ask('load_chunk', { part: 'rasters', offset, bytes: last.slice(offset, offset + 4096) });
    expect(refusalOf(() => rig.ask('load_end', { part: 'rasters' }))).toBe('digest_mismatch');
    expect(rig.loadPart('rasters', rasters)).toBe('loaded');
  });

  test('what is signed but wrong is refused by name', () => {
    const rig = provisioned();
    const load = (choices: Partial<Parameters<typeof makeElection>[0]>) => {
      const made = makeElection({ boxKey: rig.boxKey, ...choices });
      return refusalOf(() => {
        rig.loadPart('package', made.packageRecord);
        rig.loadPart('station', made.stationRecord);
      });
    };
    expect(
      load({ edit: (one) => ({ ...one, contests: one.contests.map((c) => ({ ...c, choicesMax: 0 })) }) }),
    ).toBe('package_invalid');
    expect(load({ edit: (one) => ({ ...one, styles: [{ ...one.styles[0]!, contests: [1, 0] }] }) })).toBe(
      'package_invalid',
    );
    expect(
      load({ edit: (one) => ({ ...one, rasters: { ...one.rasters, count: one.rasters.count + 1 } }) }),
    ).toBe('package_invalid');
    expect(load({ boxKey: signingPair('another box').key })).toBe('device_not_enrolled');
    expect(load({ editStation: (one) => ({ ...one, roles: one.roles.slice(0, 3) }) })).toBe(
      'station_invalid',
    );
    expect(
      load({ editStation: (one) => ({ ...one, votesMax: 20_000 }), contests: Array(8).fill([32, 3, true]) }),
    ).toBe('capacity_exceeded');
    const forged = makeElection({ boxKey: rig.boxKey });
    const record = forged.sign(
      'package',
      'authority' as Subject,
      signingPair('forger').secret,
      records.packageShape,
      forged.package,
    );
    expect(refusalOf(() => rig.loadPart('package', record))).toBe('signature_invalid');
    expect(refusalOf(() => rig.loadPart('package', forged.stationRecord))).toBe('package_invalid');
    const other = makeElection({ boxKey: rig.boxKey, election: 'e1406' });
    rig.loadPart('package', forged.packageRecord);
    expect(refusalOf(() => rig.loadPart('station', other.stationRecord))).toBe('wrong_election');
    expect(
      refusalOf(() => rig.ask('load_begin', { part: 'package', length: 8193, digest: new Uint8Array(32) })),
    ).toBe('load_too_long');
  });

  test('a station of ten thousand voters and eight contests of thirty-two names fits', () => {
    const rig = provisioned({ contests: Array(8).fill([32, 3, true]), votesMax: 10_000 });
    rig.load();
    expect(rig.status().counters.slots).toBe(8 * 10_000 + 64);
  });

  test('another package makes the box forget the station that was checked under the first', () => {
    const rig = provisioned();
    rig.load();
    const second = makeElection({ boxKey: rig.boxKey, openMinutesMin: 5 });
    expect(rig.loadPart('package', second.packageRecord)).toBe('provisioned');
    rig.election = second;
    rig.load();
    expect(rig.status().lifecycle).toBe('loaded');
  });

  test('power lost at any word of loading leaves a box that loads', () => {
    const base = provisioned({ contests: [[1, 2, true]], votesMax: 2 });
    for (let cut = 0; ; cut += 17) {
      const rig = twin(base);
      rig.flash.cutAfter(cut);
      try {
        rig.load();
      } catch (cause) {
        expect(String(cause)).toContain('no answer');
      }
      const done = rig.box.powered;
      rig.flash.cutAfter(undefined);
      rig.restart();
      rig.load();
      expect(rig.status().lifecycle).toBe('loaded');
      if (done) break;
    }
  });
});

describe('opening', () => {
  test('makes a session and a zero report that anyone can check, and nothing loads after it', async () => {
    const rig = provisioned();
    rig.load();
    rig.link();
    const opened = rig.open();
    const session = checked(rig, 'session', records.sessionShape, opened.session);
    expect(session).toMatchObject({
      stationId: STATION,
      mode: 'rehearsal',
      sessionId: rig.sessionId,
      packageDigest: rig.election.packageDigest,
    });
    expect(session.approvals).toHaveLength(2);
    const zero = checked(rig, 'zero-report', records.zeroReportShape, opened.zeroReport, session);
    expect(zero).toEqual({
      sessionId: rig.sessionId,
      records: 0,
      papersPrinted: 0,
      papersRejected: 0,
      cardsSpent: 0,
      slots: 3 * 40 + 64,
      tornSlots: 0,
    });
    expect(refusalOf(() => rig.loadPart('package', rig.election.packageRecord))).toBe('wrong_state');
    rig.restart();
    rig.link();
    expect(rig.status()).toMatchObject({ lifecycle: 'open', mode: 'rehearsal', sessionId: rig.sessionId });
    const repeated = rig.ask('open', {
      stationNonce: crypto.sha256(Uint8Array.of(77)),
      openedBucket: 1,
      approvals: rig.approvals(['executive', 'supervisor'], 'open', new Uint8Array(32)),
    });
    expect(repeated).toEqual(opened);
  });

  test('each wrong approval, nonce and mode is refused by name', () => {
    const rig = provisioned();
    rig.load();
    rig.link();
    const stationNonce = crypto.sha256(Uint8Array.of(1));
    const prepare = (mode: records.Mode) =>
      rig.ask('open_prepare', { mode, stationCommitment: crypto.sha256(stationNonce) });
    expect(refusalOf(() => prepare('official'))).toBe('mode_not_allowed');
    const { boxNonce } = prepare('rehearsal');
    expect(prepare('rehearsal').boxNonce).toEqual(boxNonce);
    const digest = rig.statement('rehearsal', stationNonce, boxNonce);
    const open = (approvals: Uint8Array[], nonce = stationNonce) =>
      refusalOf(() => rig.ask('open', { stationNonce: nonce, openedBucket: 0, approvals }));
    const good = rig.approvals(['executive', 'supervisor'], 'open', digest);
    expect(open(good, crypto.sha256(stationNonce))).toBe('nonce_mismatch');
    expect(open([good[0]!, good[0]!])).toBe('same_role_twice');
    expect(open(rig.approvals(['executive', 'governor_representative'], 'open', digest))).toBe(
      'role_not_allowed',
    );
    expect(open(rig.approvals(['executive', 'supervisor'], 'close', digest))).toBe('approvals_invalid');
    expect(open(rig.approvals(['executive', 'supervisor'], 'open', stationNonce))).toBe('approvals_invalid');
    expect(open([good[0]!, approve(rig.election, 'supervisor', 'open', digest, { refused: true })])).toBe(
      'approvals_invalid',
    );
    expect(open([good[0]!, approve(rig.election, 'supervisor', 'open', digest, { role: 'executive' })])).toBe(
      'role_not_allowed',
    );
    for (let bit = 0; bit < good[1]!.length * 8; bit += 41)
      expect(['approvals_invalid', 'wrong_election', 'subject_unknown', 'role_not_allowed']).toContain(
        open([good[0]!, flip(good[1]!, bit)]),
      );
    expect(rig.status().lifecycle).toBe('loaded');
    rig.restart();
    rig.link();
    expect(open(good)).toBe('nonce_mismatch');
    rig.open();
    expect(rig.status().lifecycle).toBe('open');
  });

  test('a store that is not empty is not opened', () => {
    const rig = provisioned();
    rig.load();
    const { index } = storeLayout(rig.election.package, rig.election.station.votesMax);
    const image = new Uint8Array(index + 4096).fill(0xff);
    image.set(rig.flash.image());
    image[index + 1000] = 0x7f;
    const spoiled = twin(rig, image);
    spoiled.link();
    expect(refusalOf(() => spoiled.open())).toBe('store_not_empty');
  });

  test('power lost at any word of opening leaves it open or able to open', () => {
    const base = provisioned();
    base.load();
    for (let cut = 0; ; cut += 5) {
      const rig = twin(base);
      rig.link();
      rig.flash.cutAfter(cut);
      try {
        rig.open();
      } catch (cause) {
        expect(String(cause)).toContain('no answer');
      }
      const done = rig.box.powered;
      rig.flash.cutAfter(undefined);
      rig.restart();
      rig.link();
      if (rig.status().lifecycle === 'loaded') rig.open();
      expect(rig.status()).toMatchObject({ lifecycle: 'open', sessionId: rig.sessionId });
      rig.cast(1);
      expect(rig.events.outcomes.at(-1)?.outcome).toBe('cast');
      if (done) break;
    }
  });
});

describe('closing', () => {
  test('commits to the sorted set, erases the key, answers the same ever after, and gives its slots', async () => {
    const rig = await openRig();
    const cast = Array.from({ length: 25 }, (_, i) => rig.cast(i)).flatMap((one) => one.sealed);
    expect(refusalOf(() => rig.ask('read_slots', { from: 0, count: 16 }))).toBe('not_closed');
    const record = rig.close();
    const session = auditImage(crypto, rig.flash.image()).session!.value;
    const commitment = checked(rig, 'commitment', records.commitmentShape, record, session);
    expect(commitment).toMatchObject({
      records: 75,
      cardsSpent: 25,
      papersPrinted: 25,
      papersInBin: 25,
      papersRejected: 0,
      tornSlots: 0,
    });
    expect(equalBytes(commitment.setRoot, setRoot(crypto, cast))).toBe(true);
    expect(rig.ask('close', { approvals: rig.closing('close') }).commitment).toEqual(record);
    rig.restart();
    rig.link();
    expect(rig.ask('close', { approvals: rig.closing('close') }).commitment).toEqual(record);
    const read: Uint8Array[] = [];
    for (let from = 0; from < rig.status().counters.slots; ) {
      const { next, sealed } = rig.ask('read_slots', { from, count: 16 });
      read.push(...sealed);
      from = next;
    }
    expect(read.map((one) => Buffer.from(one).toString('hex')).sort()).toEqual(
      cast.map((one) => Buffer.from(one).toString('hex')).sort(),
    );
    expect(auditImage(crypto, rig.flash.image())).toMatchObject({ sound: true, lifecycle: 'closed' });
    expect(refusalOf(() => rig.begin(90))).toBe('session_closed');
    expect(refusalOf(() => rig.open())).toBe('session_closed');
  });

  test('the doors first, then the two representatives, each named where wrong', async () => {
    const rig = await openRig();
    const close = (approvals: Uint8Array[]) => refusalOf(() => rig.ask('close', { approvals }));
    expect(close(rig.closing('close'))).toBe('doors_open');
    const doors = (approvals: Uint8Array[]) => refusalOf(() => rig.ask('close_doors', { approvals }));
    expect(doors(rig.approvals(['executive', 'supervisor'], 'close_doors', rig.closeDigest()))).toBe(
      'role_not_allowed',
    );
    expect(doors(rig.closing('close'))).toBe('approvals_invalid');
    rig.ask('close_doors', { approvals: rig.closing('close_doors') });
    // The queue still votes.
    rig.cast(1);
    expect(rig.events.outcomes.at(-1)?.outcome).toBe('cast');
    const one = rig.closing('close')[0]!;
    expect(close([one, one])).toBe('same_role_twice');
    rig.metal.lay(new TestCard(rig.election, 2));
    rig.print(rig.prepared(2, BALLOT));
    expect(close(rig.closing('close'))).toBe('paper_in_window');
    rig.metal.press('correction');
    expect(close(rig.closing('close'))).toBe('nothing was refused');
  });

  test('not before its powered minutes, but for an order of the authority', async () => {
    const rig = await openRig({ openMinutesMin: 10 });
    rig.ask('close_doors', { approvals: rig.closing('close_doors') });
    const close = (amendment?: Uint8Array) =>
      refusalOf(() =>
        rig.ask('close', { approvals: rig.closing('close'), ...(amendment ? { amendment } : {}) }),
      );
    rig.pass(9 * 60_000 + 59_000, 1000);
    expect(rig.status().poweredMinutes).toBe(9);
    expect(close()).toBe('too_early');
    // An hour without power is no hour of voting.
    rig.nowMs += 3_600_000;
    rig.restart();
    rig.link();
    expect(rig.status().poweredMinutes).toBe(9);
    const order = (packageDigest: Uint8Array, secret = AUTHORITY.secret) =>
      rig.election.sign('amendment', 'authority' as Subject, secret, records.amendmentShape, {
        packageDigest,
        sequence: 1,
        effectiveAt: 0,
        change: { kind: 'hours_changed', closesAt: 1, openMinutesMin: 9 },
        reason: { fa: 'r', en: 'r' },
      });
    expect(close(order(rig.election.packageDigest, signingPair('forger').secret))).toBe('signature_invalid');
    expect(close(order(new Uint8Array(32)))).toBe('signature_invalid');
    expect(close(order(rig.election.packageDigest))).toBe('nothing was refused');
  });

  test('power lost at any word of closing leaves it closed or able to close, and then no key', async () => {
    const base = await openRig({ votesMax: 4 });
    base.cast(1);
    base.ask('close_doors', { approvals: base.closing('close_doors') });
    let secretSeen = false;
    for (let cut = 0; ; cut += 3) {
      const rig = twin(base);
      rig.link();
      rig.flash.cutAfter(cut);
      rig.send('close', { approvals: rig.closing('close') });
      const done = rig.box.powered;
      rig.flash.cutAfter(undefined);
      rig.restart();
      rig.link();
      if (rig.status().lifecycle === 'doors_closed') secretSeen = true;
      rig.ask('close', { approvals: rig.closing('close') });
      expect(auditImage(crypto, rig.flash.image())).toMatchObject({ sound: true, lifecycle: 'closed' });
      if (done) break;
    }
    expect(secretSeen).toBe(true);
  });

  test('the session seed is nowhere in flash after close', async () => {
    const rig = await openRig();
    const seed = rig.flash.image().slice(10 * 4096, 10 * 4096 + 32);
    expect(crypto.signingPublicKey(seed)).toEqual(
      auditImage(crypto, rig.flash.image()).session!.value.sessionKey,
    );
    rig.close();
    expect(Buffer.from(rig.flash.image()).includes(Buffer.from(seed))).toBe(false);
    expect(Buffer.from(rig.box.memory()).includes(Buffer.from(seed))).toBe(false);
  });
});

describe('clearing', () => {
  test('a closed rehearsal is emptied by two roles and can be opened anew; power lost in between finishes it', async () => {
    const base = await openRig({ votesMax: 4 });
    base.cast(1);
    expect(refusalOf(() => base.ask('clear', { approvals: base.closing('clear') }))).toBe('not_closed');
    base.close();
    const approvals = base.approvals(['executive', 'supervisor'], 'clear', base.closeDigest());
    expect(refusalOf(() => base.ask('clear', { approvals: base.closing('clear') }))).toBe('role_not_allowed');
    for (let cut = 0; ; cut += 2) {
      const rig = twin(base);
      rig.link();
      rig.flash.cutAfter(cut);
      rig.send('clear', { approvals });
      const done = rig.box.powered;
      rig.flash.cutAfter(undefined);
      rig.restart();
      rig.link();
      if (rig.status().lifecycle === 'closed') rig.ask('clear', { approvals });
      expect(rig.status()).toMatchObject({ lifecycle: 'loaded', counters: { records: 0, papersPrinted: 0 } });
      rig.open();
      rig.cast(1);
      expect(rig.status().counters.records).toBe(3);
      if (done) break;
    }
  });

  test('an official box is not cleared', async () => {
    const rig = new Rig(firmware, createFlash());
    rig.provision({ demonstration: false });
    rig.load();
    rig.link();
    rig.open('official');
    rig.close();
    const approvals = rig.approvals(['executive', 'supervisor'], 'clear', rig.closeDigest());
    expect(refusalOf(() => rig.ask('clear', { approvals }))).toBe('clear_refused');
  });
});

test('records of the box carry its election and type, so that they cannot be carried elsewhere', async () => {
  const rig = await openRig();
  const record = parseRecord(rig.close());
  expect(record.ok && record.value).toMatchObject({ election: rig.election.id, type: 'commitment' });
  expect(
    encode(records.closeStatementShape, { sessionId: rig.sessionId, stationId: STATION }).length,
  ).toBeGreaterThan(20);
});
