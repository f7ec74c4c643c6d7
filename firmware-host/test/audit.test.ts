import { describe, expect, test } from 'vitest';
import { storeLayout } from '../src/audit/layout.ts';
import { auditImage } from '../src/index.ts';
import { crypto } from './election.ts';
import { openRig } from './rig.ts';

async function closedImage() {
  const rig = await openRig();
  for (let i = 0; i < 6; i++) rig.cast(i);
  rig.close();
  return {
    rig,
    image: rig.flash.image(),
    layout: storeLayout(rig.election.package, rig.election.station.votesMax),
  };
}
const codes = (image: Uint8Array): string[] => [
  ...new Set(auditImage(crypto, image).findings.map((one) => one.code)),
];

describe('the independent reader', () => {
  test('lists what the box holds, in agreement with its signed commitment', async () => {
    const { rig, image } = await closedImage();
    const report = auditImage(crypto, image);
    expect(report).toMatchObject({
      sound: true,
      lifecycle: 'closed',
      counters: { records: 18, cardsSpent: 6, papersInBin: 6 },
    });
    expect(report.commitment?.value).toMatchObject({ records: 18, sessionId: rig.sessionId });
    expect(report.sealed).toHaveLength(18);
  });

  test('any bit of any committed record changed is found', async () => {
    const { image, layout } = await closedImage();
    const taken = Array.from({ length: layout.slots }, (_, slot) => slot).filter(
      (slot) => image[layout.index + slot * 16 + 12] === 0xde,
    );
    expect(taken).toHaveLength(18);
    for (const slot of taken) {
      const changed = Uint8Array.from(image);
      const at = layout.bodies + slot * layout.stride + ((slot * 7) % layout.sealedBytes);
      changed[at] = (changed[at] as number) ^ (1 << (slot & 7));
      expect(codes(changed)).toEqual(expect.arrayContaining(['slot_name_differs', 'commitment_differs']));
    }
  });

  test('a record taken away, added, repeated or half written is found by its name', async () => {
    const { image, layout } = await closedImage();
    const slotOf = (wanted: (word: number) => boolean): number =>
      Array.from({ length: layout.slots }, (_, slot) => slot).find((slot) =>
        wanted(image[layout.index + slot * 16 + 12] as number),
      )!;
    const taken = slotOf((byte) => byte === 0xde);
    const free = slotOf((byte) => byte === 0xff);
    const edit = (change: (bytes: Uint8Array) => void): string[] => {
      const changed = Uint8Array.from(image);
      change(changed);
      return codes(changed);
    };
    const row = (slot: number): number => layout.index + slot * 16;
    const body = (slot: number): number => layout.bodies + slot * layout.stride;
    expect(
      edit((b) => b.fill(0, row(taken), row(taken) + 16).fill(0, body(taken), body(taken) + layout.stride)),
    ).toEqual(expect.arrayContaining(['records_not_votes', 'commitment_differs']));
    expect(
      edit((b) =>
        b
          .copyWithin(row(free), row(taken), row(taken) + 16)
          .copyWithin(body(free), body(taken), body(taken) + layout.stride),
      ),
    ).toEqual(expect.arrayContaining(['slot_repeated', 'records_not_votes']));
    expect(edit((b) => b.fill(1, row(free), row(free) + 12))).toContain('slot_unfinished');
    expect(edit((b) => b.fill(1, body(free), body(free) + 4))).toContain('body_without_slot');
    expect(edit((b) => b.fill(7, layout.spent, layout.spent + 12))).toContain('spent_unfinished');
    expect(edit((b) => b.fill(0x11, 16 * 4096, 16 * 4096 + 8))).toContain('intent_open');
    expect(edit((b) => b.fill(0x11, 10 * 4096, 10 * 4096 + 8))).toContain('secret_not_erased');
  });

  test('any bytes give a report, never an exception', async () => {
    const { image } = await closedImage();
    expect(auditImage(crypto, new Uint8Array(0))).toMatchObject({ lifecycle: 'unprovisioned', sound: false });
    for (let cut = 0; cut < image.length; cut += 9973)
      expect(() => auditImage(crypto, image.slice(0, cut))).not.toThrow();
    for (let i = 0; i < 60; i++) {
      const changed = Uint8Array.from(image);
      for (let k = 0; k < 40; k++) changed[(i * 7919 + k * 104729) % changed.length] = (i * k) & 255;
      expect(() => auditImage(crypto, changed)).not.toThrow();
    }
  });
});
