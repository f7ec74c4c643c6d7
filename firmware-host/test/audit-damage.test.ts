// Every kind of damage that a flash can take, done to the image of a sound box; the auditor must name each.

import { rasterItemBytes } from '@sandoq/protocol';
import { describe, expect, test } from 'vitest';
import { AT, LOG_ROW_BYTES, ROW_BYTES, SECTOR, storeLayout } from '../src/audit/layout.ts';
import { auditImage } from '../src/index.ts';
import { crypto } from './election.ts';
import { openRig } from './rig.ts';
import { seeded } from './seeded.ts';

const rig = await openRig();
for (let vote = 0; vote < 5; vote++) rig.cast(vote);
const running = rig.flash.image();
rig.close();
const closed = rig.flash.image();
const layout = storeLayout(rig.election.package, rig.election.station.votesMax);

const audit = (image: Uint8Array) => auditImage(crypto, image);
const codes = (image: Uint8Array): string[] => audit(image).findings.map(({ code }) => code);
const damaged = (change: (image: Uint8Array, view: DataView) => void, from = closed): string[] => {
  const image = Uint8Array.from(from);
  change(image, new DataView(image.buffer));
  return codes(image);
};
const wordAt = (at: number, image = closed): number => new DataView(image.buffer).getUint32(at, true);
const slotsWith = (wanted: number): number[] =>
  Array.from({ length: layout.slots }, (_, slot) => slot).filter(
    (slot) => wordAt(layout.index + slot * ROW_BYTES + 12) === wanted,
  );
const taken = slotsWith(0xc0de);
const free = slotsWith(0xffff_ffff);
const logRow = (row: number): number => layout.log + row * LOG_ROW_BYTES;
const logRows = audit(closed).log?.lines.length ?? 0;

describe('a sound box', () => {
  test('has no finding, running or closed, and a log that says what happened', () => {
    expect(codes(running)).toEqual([]);
    expect(codes(closed)).toEqual([]);
    const { log } = audit(closed);
    const events = log?.lines.map(({ event }) => event) ?? [];
    expect(events[0]).toBe('opened');
    expect(events.filter((event) => event === 'ballot_cast')).toHaveLength(5);
    expect(events.slice(-2)).toEqual(['doors_closed', 'closed']);
    expect(log?.lines.at(-1)).toMatchObject({ votes: 5, papers: 5 });
  });

  test('its signed log head is the commitment’s neighbour: another box’s key is not believed', () => {
    expect(damaged((image) => image.fill(0x5a, AT.identity + 32, AT.identity + 64))).toContain(
      'log_checkpoint_invalid',
    );
  });
});

describe('a flipped bit', () => {
  test('anywhere in a used record: its row, its body, its commit word', () => {
    const random = seeded(8);
    for (const slot of taken)
      for (const [from, bytes] of [
        [layout.index + slot * ROW_BYTES, ROW_BYTES],
        [layout.bodies + slot * layout.stride, layout.sealedBytes],
      ] as const) {
        const bit = random() % (bytes * 8);
        const found = damaged((image) => {
          image[from + (bit >> 3)] = (image[from + (bit >> 3)] as number) ^ (1 << (bit & 7));
        });
        expect(found, `slot ${slot}, bit ${bit}`).not.toEqual([]);
      }
  });

  test('every bit of one record', () => {
    const slot = taken[0] as number;
    for (let bit = 0; bit < ROW_BYTES * 8; bit++) {
      const at = layout.index + slot * ROW_BYTES + (bit >> 3);
      const image = Uint8Array.from(closed);
      image[at] = (image[at] as number) ^ (1 << (bit & 7));
      expect(audit(image).sound, `bit ${bit}`).toBe(false);
    }
  });

  test('in a free slot, a paper, a spent card, the commitment, the session', () => {
    const slot = free[0] as number;
    const paper = Array.from({ length: layout.paperRows }, (_, i) => layout.papers + 4 * i).find(
      (at) => wordAt(at) !== 0xffff_ffff,
    ) as number;
    const spent = Array.from({ length: layout.spentRows }, (_, i) => layout.spent + 16 * i).find(
      (at) => wordAt(at + 12) !== 0xffff_ffff,
    ) as number;
    const flip = (at: number, mask = 0x10) =>
      damaged((image) => {
        image[at] = (image[at] as number) ^ mask;
      });
    expect(flip(layout.bodies + slot * layout.stride + 9)).toContain('body_without_slot');
    expect(flip(layout.index + slot * ROW_BYTES + 3)).toContain('slot_unfinished');
    expect(flip(paper, 0x02)).toContain('paper_word_impossible');
    expect(flip(spent + 13)).toContain('spent_unfinished');
    expect(flip(AT.commitment + 60)).toContain('commitment_invalid');
    expect(flip(AT.session + 160)).toContain('session_invalid');
    expect(flip(AT.zeroReport + 60)).toContain('zero_report_invalid');
    expect(flip(AT.life)).toContain('life_word_unknown');
    expect(flip(AT.package + 60)).toContain('package_invalid');
    expect(flip(AT.station + 60)).toContain('station_invalid');
  });

  test('in a name that the box prints, first and last, and in the head of any part', () => {
    const { rasters } = rig.election.package;
    const bytes = rasterItemBytes(rasters) * rasters.count;
    for (const at of [0, 40, bytes >> 1, bytes - 1])
      for (const image of [running, closed])
        expect(
          damaged((copy) => {
            copy[AT.rasters + at] = (copy[AT.rasters + at] as number) ^ 1;
          }, image),
        ).toEqual(['rasters_differ']);
    for (const part of [0, 1, 2])
      expect(
        damaged((copy) => {
          copy[AT.heads + part * SECTOR + 36] = 0;
        }),
      ).toContain('part_head_invalid');
  });
});

test('a copy of the flash that broke off is said to be too short', () => {
  expect(codes(closed.slice(0, layout.logHead))).toContain('image_too_short');
  expect(codes(closed.slice(0, layout.end))).toEqual([]);
});

describe('torn and stuck words', () => {
  test('a commit word that power cut in the middle', () => {
    const row = layout.index + (taken[1] as number) * ROW_BYTES + 12;
    for (const word of [0xffff_c0de, 0x00ff_c0de, 0xffff_ffde])
      expect(damaged((_, view) => view.setUint32(row, word, true))).toContain('slot_word_unknown');
    expect(damaged((_, view) => view.setUint32(row, 0xffff_ffff, true))).toContain('slot_unfinished');
  });

  test('a lifecycle word that power cut in the middle is said, and not taken for its step', () => {
    const report = (() => {
      const image = Uint8Array.from(closed);
      new DataView(image.buffer).setUint32(AT.life + 12, 0x4444_0ff4, true);
      return audit(image);
    })();
    expect(report.findings.map(({ code }) => code)).toContain('life_word_torn');
    expect(report.lifecycle).toBe('doors_closed');
  });

  test('cells stuck at one or at zero', () => {
    const body = layout.bodies + (taken[2] as number) * layout.stride;
    expect(damaged((image) => image.fill(0xff, body + 8, body + 12))).toContain('slot_name_differs');
    expect(damaged((image) => image.fill(0, body + 8, body + 12))).toContain('slot_name_differs');
    expect(damaged((image) => image.fill(0, AT.secret, AT.secret + 4))).toContain('secret_not_erased');
    const intents = damaged((_, view) => view.setUint32(AT.intents + 60, 0xffff_ffff, true));
    expect(intents).toContain('intent_open');
  });
});

describe('slots', () => {
  test('one that stands twice', () => {
    const [from, to] = [taken[0] as number, free[0] as number];
    const found = damaged((image) => {
      image.copyWithin(
        layout.index + to * ROW_BYTES,
        layout.index + from * ROW_BYTES,
        layout.index + (from + 1) * ROW_BYTES,
      );
      image.copyWithin(
        layout.bodies + to * layout.stride,
        layout.bodies + from * layout.stride,
        layout.bodies + (from + 1) * layout.stride,
      );
    });
    expect(found).toEqual(
      expect.arrayContaining(['slot_repeated', 'records_not_votes', 'commitment_differs']),
    );
  });

  test('one that is taken away whole, with its card and paper: the log and the commitment remember', () => {
    const found = damaged((image, view) => {
      for (const slot of taken.slice(0, 3)) {
        image.fill(0xff, layout.index + slot * ROW_BYTES, layout.index + (slot + 1) * ROW_BYTES);
        image.fill(0xff, layout.bodies + slot * layout.stride, layout.bodies + (slot + 1) * layout.stride);
      }
      const spent = Array.from({ length: layout.spentRows }, (_, i) => layout.spent + 16 * i).find(
        (at) => view.getUint32(at + 12, true) !== 0xffff_ffff,
      ) as number;
      image.fill(0xff, spent, spent + 16);
    }, running);
    // In a running box there is no commitment yet: the log alone says that there was one vote more.
    expect(found).toEqual(['log_counters_differ']);
  });
});

describe('the event log', () => {
  test('a changed, removed, exchanged or added line breaks the chain', () => {
    expect(damaged((_, view) => view.setUint32(logRow(2) + 4, 9, true))).toContain('log_chain_broken');
    expect(damaged((image) => image.fill(0, logRow(3), logRow(4)))).toContain('log_chain_broken');
    expect(
      damaged((image) => {
        const [a, b] = [image.slice(logRow(2), logRow(3)), image.slice(logRow(3), logRow(4))];
        image.set(b, logRow(2));
        image.set(a, logRow(3));
      }),
    ).toContain('log_chain_broken');
    expect(damaged((image) => image.copyWithin(logRow(logRows), logRow(1), logRow(2)))).toContain(
      'log_chain_broken',
    );
  });

  test('a log whose tail is cut off, or made anew with a whole chain, is not the one that was signed', () => {
    expect(damaged((image) => image.fill(0xff, logRow(logRows - 1), logRow(logRows)))).toContain(
      'log_checkpoint_differs',
    );
    const forged = damaged((image, view) => {
      // One cast less, and every hash after it made right again.
      image.copyWithin(logRow(3), logRow(5), logRow(logRows));
      image.fill(0xff, logRow(logRows - 2), logRow(logRows));
      let head: Uint8Array = image.slice(logRow(2) + 12, logRow(2) + 44);
      for (let row = 3; row < logRows - 2; row++) {
        view.setUint32(logRow(row) + 4, view.getUint32(logRow(row) + 4, true) - 1, true);
        view.setUint32(logRow(row) + 8, view.getUint32(logRow(row) + 8, true) - 1, true);
        head = crypto.sha256(Uint8Array.of(...head, ...image.slice(logRow(row), logRow(row) + 12)));
        image.set(head, logRow(row) + 12);
      }
    });
    expect(forged).not.toContain('log_chain_broken');
    expect(forged).toEqual(expect.arrayContaining(['log_checkpoint_differs', 'log_counters_differ']));
  });

  test('lines after a gap, half a line, counters that fall, an unknown event', () => {
    expect(damaged((image) => image.copyWithin(logRow(logRows + 5), logRow(1), logRow(2)))).toContain(
      'log_row_after_end',
    );
    expect(damaged((_, view) => view.setUint32(logRow(1) + 44, 0xffff_ffff, true))).toContain(
      'log_row_unfinished',
    );
    expect(damaged((_, view) => view.setUint32(logRow(4) + 4, 0, true))).toContain('log_counters_impossible');
    expect(damaged((_, view) => view.setUint32(logRow(4), 999, true))).toContain('log_event_unknown');
  });
});
