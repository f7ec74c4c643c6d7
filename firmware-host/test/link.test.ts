import { readFileSync } from 'node:fs';
import {
  boxSubject,
  type ElectionId,
  encode,
  encodeFrame,
  encodeProtectedHeader,
  encodeRequest,
  MESSAGE_BYTES_MAX,
  records,
  type Subject,
  signatureInput,
} from '@sandoq/protocol';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { crypto, STATION, signingPair } from './election.ts';
import { BALLOT, builtFirmware, openRig, Rig, refusalOf } from './rig.ts';

// Minutes only where the machine is busy with other things; alone it takes seconds.
vi.setConfig({ testTimeout: 300_000 });

const firmware = await builtFirmware();
interface Vectors {
  accepted: { name: string; direction: string; payload: string; frame: string }[];
  refused: { name: string; frame: string; reason: string }[];
}
const vectors = JSON.parse(
  readFileSync(new URL('../../protocol/test/vectors/wire.json', import.meta.url), 'utf8'),
) as Vectors;
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

/** Everything that the box refused since: the reasons, in order. */
function refusals(rig: Rig, body: () => void): string[] {
  rig.reasons.length = 0;
  body();
  return [...rig.reasons];
}

describe('the shared vectors', () => {
  test.each(vectors.refused)('refuses $name: $reason', ({ frame, reason }) => {
    const rig = new Rig(firmware);
    expect(refusals(rig, () => rig.box.receive(0, bytes(frame)))).toEqual([reason]);
    expect(rig.status().lifecycle).toBe('unprovisioned');
  });

  test.each(vectors.accepted.filter(({ direction }) => direction === 'to_box'))('understands $name', ({
    frame,
  }) => {
    const rig = new Rig(firmware);
    const malformed = [
      'frame_malformed',
      'frame_check_failed',
      'message_malformed',
      'version_unknown',
      'message_unknown',
    ];
    for (const reason of refusals(rig, () => rig.box.receive(0, bytes(frame))))
      expect(malformed).not.toContain(reason);
    expect(rig.sent.length).toBe(1);
  });
});

describe('frames', () => {
  test('one bit flipped anywhere in a frame is refused, and the next good frame is answered', () => {
    const rig = new Rig(firmware);
    const good = encodeFrame(encodeRequest('status', 7, {}));
    for (let bit = 0; bit < (good.length - 1) * 8; bit++) {
      const bad = Uint8Array.from(good);
      bad[bit >> 3] = (bad[bit >> 3] as number) ^ (1 << (bit & 7));
      const reasons = refusals(rig, () => {
        rig.box.receive(0, bad);
        rig.box.receive(0, Uint8Array.of(0));
      });
      expect(reasons.length).toBeGreaterThan(0);
      for (const reason of reasons) expect(['frame_malformed', 'frame_check_failed']).toContain(reason);
    }
    expect(rig.status().lifecycle).toBe('unprovisioned');
  });

  test('a frame of exactly the bound is read, one byte more is not', () => {
    const rig = new Rig(firmware);
    const payload = new Uint8Array(MESSAGE_BYTES_MAX).fill(0xff);
    expect(refusals(rig, () => rig.box.receive(0, encodeFrame(payload)))).toEqual(['message_malformed']);
    const over = encodeFrame(new Uint8Array(MESSAGE_BYTES_MAX + 1).fill(0xff), MESSAGE_BYTES_MAX + 1);
    expect(refusals(rig, () => rig.box.receive(0, over))).toEqual(['frame_too_long']);
    expect(rig.status().lifecycle).toBe('unprovisioned');
  });

  test('any bytes on any port, in any pieces, are survived', async () => {
    const rig = await openRig();
    const alive = (): void => {
      expect(rig.status().lifecycle).toBe('open');
      expect(rig.events.stops).toEqual([]);
    };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(0, 1, 2, 3, 4), fc.uint8Array({ maxLength: 300 })), {
          maxLength: 8,
        }),
        (pieces) => {
          for (const [port, piece] of pieces) rig.box.receive(port, piece);
          for (const port of [0, 2, 3, 4]) rig.box.receive(port, Uint8Array.of(0));
          alive();
        },
      ),
      { numRuns: 100 },
    );
  });

  test('whole frames of any CBOR are answered by an answer or a refusal, never by silence or a reset', async () => {
    const rig = await openRig();
    rig.metal.lay(undefined);
    const kinds = fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 50, 255);
    const item = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(kinds, item, (kind, body) => {
        rig.sent.length = 0;
        rig.box.receive(
          0,
          encodeFrame(Uint8Array.of(0xa4, 0, 1, 1, ...(kind < 24 ? [kind] : [0x18, kind]), 2, 0, 3, ...body)),
        );
        expect(rig.sent.length).toBe(1);
        expect(rig.events.stops).toEqual([]);
      }),
      { numRuns: 500 },
    );
    // A hello among them may have ended the proof.
    rig.link();
    expect(rig.status().lifecycle).toBe('open');
  });

  test('mutated real requests never stop the box', async () => {
    const rig = await openRig();
    const { stationNonce, ballots, sealed } = (() => {
      const one = rig.cast(3);
      return { stationNonce: one.stationNonce, ballots: one.ballots, sealed: one.sealed };
    })();
    const requests = [
      encodeRequest('print', 0, { stationNonce, ballots, sealed }),
      encodeRequest('close', 0, { approvals: rig.closing('close') }),
      encodeRequest('outcome', 0, { names: [new Uint8Array(16)] }),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...requests),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
        (request, edits) => {
          const changed = Uint8Array.from(request);
          for (const [at, value] of edits) changed[at % changed.length] = value;
          rig.box.receive(0, encodeFrame(changed));
          expect(rig.events.stops).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
    rig.link();
    expect(rig.status()).toMatchObject({ lifecycle: 'open', counters: { records: 3 } });
  });
});

describe('link-up', () => {
  test('the box proves its key over both challenges', async () => {
    const rig = await openRig();
    const hello = rig.hello();
    const header = encodeProtectedHeader({
      type: 'link',
      election: 'none' as ElectionId,
      signer: boxSubject(STATION, 1),
    });
    const proof = (hostChallenge: Uint8Array) =>
      signatureInput(
        header,
        encode(records.linkProofShape, {
          fromBox: true,
          hostChallenge,
          boxChallenge: hello.challenge,
          softwareHash: hello.softwareHash,
        }),
      );
    expect(hello.key).toEqual(rig.boxKey);
    expect(hello.softwareHash).toEqual(firmware.softwareHash);
    expect(crypto.verify(rig.boxKey, proof(hello.hostChallenge), hello.signature)).toBe(true);
    expect(crypto.verify(rig.boxKey, proof(hello.challenge), hello.signature)).toBe(false);
    expect(rig.hello().challenge).not.toEqual(hello.challenge);
  });

  test('before the host has proved its key, and after a new hello, nothing of an election is answered', async () => {
    const rig = await openRig();
    rig.restart();
    const asks = [
      () => rig.ask('open_prepare', { mode: 'rehearsal', stationCommitment: new Uint8Array(32) }),
      () => rig.begin(1),
      () =>
        rig.ask('print', {
          stationNonce: new Uint8Array(32),
          ballots: [new Uint8Array(6)],
          sealed: [new Uint8Array(102)],
        }),
      () => rig.ask('outcome', { names: [new Uint8Array(16)] }),
      () => rig.close(),
      () => rig.ask('read_slots', { from: 0, count: 1 }),
      () => rig.ask('abandon', { approvals: rig.closing('close') }),
      () => rig.ask('clear', { approvals: rig.closing('clear') }),
    ];
    for (const ask of asks) expect(refusalOf(ask)).toBe('not_proved');
    const hello = rig.hello();
    for (const ask of asks) expect(refusalOf(ask)).toBe('not_proved');
    expect(refusalOf(() => rig.prove(hello, signingPair('stranger').secret))).toBe('proof_invalid');
    expect(refusalOf(() => rig.prove({ ...hello, challenge: new Uint8Array(32) }))).toBe('proof_invalid');
    const stranger = { subject: 'station/s0001/admission' as Subject, signature: new Uint8Array(64) };
    expect(refusalOf(() => rig.ask('prove', stranger))).toBe('subject_unknown');
    rig.prove(hello);
    expect(refusalOf(() => rig.begin(1))).toBe('no_card');
    rig.hello();
    expect(refusalOf(() => rig.begin(1))).toBe('not_proved');
  });

  test('events go only to a host that has proved itself', async () => {
    const rig = await openRig();
    rig.metal.press('digit_4');
    expect(rig.events.keys).toEqual(['digit_4']);
    rig.hello();
    rig.sent.length = 0;
    rig.metal.press('digit_5');
    rig.metal.setLid(true);
    expect(rig.sent).toEqual([]);
  });

  test('while a reply is awaited other requests are told that the box is busy, and questions are answered', async () => {
    const rig = await openRig();
    const card = rig.newCard(1);
    rig.metal.lay(card);
    const prepared = rig.prepared(1, BALLOT);
    rig.metal.holdPage = true;
    const print = rig.send('print', prepared);
    expect(refusalOf(() => rig.ask('close_doors', { approvals: rig.closing('close_doors') }))).toBe('busy');
    expect(refusalOf(() => rig.begin(2))).toBe('busy');
    expect(rig.status().paper).toBe('printing');
    expect(rig.ask('outcome', { names: prepared.names }).outcome).toBe('printing');
    expect(rig.print(prepared).outcome).toBe('printing');
    rig.metal.finishPage();
    expect(rig.answer(print) ?? rig.print(prepared)).toEqual({ outcome: 'in_window' });
  });
});
