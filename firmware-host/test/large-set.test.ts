import { parseTyped, records, setRoot } from '@sandoq/protocol';
import { expect, test, vi } from 'vitest';
import { storeLayout } from '../src/audit/layout.ts';
import { auditImage } from '../src/index.ts';
import { crypto } from './election.ts';
import { openRig, type Rig, twin } from './rig.ts';

// Minutes only where the machine is busy with other things; alone it takes seconds.
vi.setConfig({ testTimeout: 300_000 });

/** Fills the store as if `votes` people had voted, without the people: records are any bytes of the right length. */
function filled(rig: Rig, votes: number): { rig: Rig; sealed: Uint8Array[] } {
  const layout = storeLayout(rig.election.package, rig.election.station.votesMax);
  const image = new Uint8Array(layout.end).fill(0xff);
  image.set(rig.flash.image());
  const view = new DataView(image.buffer);
  const sealed: Uint8Array[] = [];
  for (let slot = 0; slot < votes; slot++) {
    const seed = crypto.sha512(Uint8Array.of(slot & 255, slot >> 8));
    const record = Uint8Array.from({ length: layout.sealedBytes }, (_, i) => seed[i % 64] as number);
    sealed.push(record);
    image.set(record, layout.bodies + slot * layout.stride);
    image.set(crypto.sha256(record).slice(0, 12), layout.index + slot * 16);
    view.setUint32(layout.index + slot * 16 + 12, 0xc0de, true);
    image.set(crypto.sha256(seed).slice(0, 12), layout.spent + slot * 16);
    view.setUint32(layout.spent + slot * 16 + 12, 0xc0de, true);
  }
  const full = twin(rig, image);
  full.link();
  return { rig: full, sealed };
}

test('a full box of six thousand votes commits to the root that everyone else computes', async () => {
  const base = await openRig({ votesMax: 6000, contests: [[1, 3, true]] });
  const { rig, sealed } = filled(base, 6000);
  expect(() => rig.cast(1, [{ contest: 0, class: 'marked', choices: [1] }])).toThrow('store_full');
  const parsed = parseTyped(rig.close(), 'commitment', records.commitmentShape);
  expect(parsed.ok && parsed.value.value).toMatchObject({
    records: 6000,
    cardsSpent: 6000,
    setRoot: setRoot(crypto, sealed),
  });
  // Six thousand votes that the core never cast: the log is where it shows.
  expect(auditImage(crypto, rig.flash.image()).findings.map(({ code }) => code)).toEqual([
    'log_counters_impossible',
  ]);
});

test('the last free slots of a nearly full box are found, and only they are taken', async () => {
  const base = await openRig({ votesMax: 300, contests: [[1, 3, true]] });
  const { rig, sealed } = filled(base, 299);
  const layout = storeLayout(rig.election.package, 300);
  // Every spare row but one is spoiled: one free slot is left in the whole table.
  const image = new Uint8Array(layout.end).fill(0xff);
  image.set(rig.flash.image());
  for (let slot = 299; slot < layout.slots - 1; slot++) {
    image.fill(0, layout.index + slot * 16, layout.index + slot * 16 + 16);
    image.fill(0, layout.bodies + slot * layout.stride, layout.bodies + (slot + 1) * layout.stride);
  }
  const tight = twin(rig, image);
  tight.link();
  const prepared = tight.cast(1, [{ contest: 0, class: 'marked', choices: [1] }]);
  expect(tight.ask('outcome', { names: prepared.names }).outcome).toBe('cast');
  expect(tight.status().counters).toMatchObject({ records: 300, tornSlots: 64 });
  const row = tight.flash.image().slice(layout.index + (layout.slots - 1) * 16);
  expect([...row.slice(0, 12)]).toEqual([...prepared.names[0]!.slice(0, 12)]);
  expect(sealed).toHaveLength(299);
});
