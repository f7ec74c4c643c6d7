import {
  type Bytes,
  concatBytes,
  createFrameReader,
  DROP_TARGETS,
  encodeFrame,
  FROM_MECHANICS,
  FROM_PAD,
  FROM_PRINTER,
  PERIPHERAL_BYTES_MAX,
  PORTS,
  PRINTER_FAULTS,
  TO_MECHANICS,
  TO_PAD,
  TO_PRINTER,
  WINDOW_STATES,
} from '@sandoq/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createMechanics,
  FRESH_FACTS,
  type MechanicsFacts,
  MechanicsViolation,
  virtualSchedule,
} from '../src/index.ts';
import { TURN_MOVEMENTS_MAX } from '../src/mechanics/schedule.ts';

const WIDTH = 4;

/** A box whose core is the test: time stands still until `settle`. */
function bench(facts: MechanicsFacts = FRESH_FACTS) {
  let due: (() => void)[] = [];
  const heard: [number, ...number[]][] = [];
  const violations: string[] = [];
  const readers = new Map(
    [PORTS.printer, PORTS.pad, PORTS.mechanics].map((port) => [
      port as number,
      createFrameReader(
        (payload) => heard.push([port, ...payload]),
        (fault) => {
          throw new Error(fault);
        },
        PERIPHERAL_BYTES_MAX,
      ),
    ]),
  );
  const mechanics = createMechanics({
    schedule: { after: (_ms, done) => due.push(done), stop: () => (due = []) },
    send: (port, bytes) => readers.get(port)?.push(bytes),
    onChange: () => undefined,
    onViolation: (violation) => violations.push(violation.message),
    facts,
    keepPapers: true,
    randomBelow: () => 0,
  });
  mechanics.power(true);
  const settle = (): void => {
    while (due.length > 0) {
      const now = due;
      due = [];
      for (const done of now) done();
    }
  };
  const say = (port: number, ...payload: readonly (number | Bytes)[]): void => {
    const parts = payload.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part));
    mechanics.receive(port, encodeFrame(concatBytes(...parts), PERIPHERAL_BYTES_MAX));
  };
  const take = (): [number, ...number[]][] => heard.splice(0);
  const page = (rows = 3, black = 0xaa): void => {
    say(PORTS.printer, TO_PRINTER.page_start, 0, rows);
    for (let row = 0; row < rows; row++)
      say(PORTS.printer, TO_PRINTER.rows, 0, row, new Uint8Array(WIDTH).fill(black));
    say(PORTS.printer, TO_PRINTER.page_end);
  };
  const drop = (target: keyof typeof DROP_TARGETS): void =>
    say(PORTS.mechanics, TO_MECHANICS.drop, DROP_TARGETS[target]);
  return { mechanics, settle, say, take, page, drop, violations };
}

const refuses = (box: ReturnType<typeof bench>, act: () => void, why: RegExp): void => {
  expect(act).toThrow(MechanicsViolation);
  expect(box.violations.at(-1)).toMatch(why);
};

describe('a page', () => {
  it('stands in the window, and falls into the bin, and is seen to fall', () => {
    const box = bench();
    box.page();
    expect(box.take()).toEqual([]);
    box.settle();
    expect(box.take()).toEqual([[PORTS.printer, FROM_PRINTER.in_window]]);
    expect(box.mechanics.raster()).toEqual({
      widthBytes: WIDTH,
      rows: 3,
      bits: new Uint8Array(12).fill(0xaa),
    });
    const picture = box.mechanics.raster()?.bits;
    box.drop('bin');
    box.settle();
    expect(box.take()).toEqual([[PORTS.mechanics, FROM_MECHANICS.fell, DROP_TARGETS.bin]]);
    expect(box.mechanics.raster()).toBeUndefined();
    expect(picture).toEqual(new Uint8Array(12)); // the picture is wiped, not only forgotten
    expect(box.mechanics.facts().bins).toEqual({ bin: 1, rejected: 0, retained: 0 });
    expect(box.mechanics.papers.read('bin')).toHaveLength(1);
  });

  it('is unreadable once overprinted, and only then goes among the rejected', () => {
    const box = bench();
    box.page();
    box.settle();
    refuses(box, () => box.drop('rejected'), /readable paper/);
    box.say(PORTS.printer, TO_PRINTER.overprint);
    box.settle();
    refuses(box, () => box.drop('bin'), /overprinted paper/);
    box.drop('rejected');
    box.settle();
    expect(box.mechanics.facts().bins.rejected).toBe(1);
    expect(new Set(box.mechanics.papers.read('rejected')[0]?.bits)).toEqual(new Set([0xff]));
  });

  it('comes in any pieces of whole rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 17 }), (rows, step) => {
        const box = bench();
        box.say(PORTS.printer, TO_PRINTER.page_start, 0, rows);
        for (let first = 0; first < rows; first += step) {
          const count = Math.min(step, rows - first);
          box.say(PORTS.printer, TO_PRINTER.rows, 0, first, new Uint8Array(WIDTH * count).fill(first + 1));
        }
        box.say(PORTS.printer, TO_PRINTER.page_end);
        box.settle();
        expect(box.mechanics.raster()?.widthBytes).toBe(WIDTH);
        expect(box.mechanics.raster()?.rows).toBe(rows);
      }),
      { numRuns: 50 },
    );
  });
});

describe('what no firmware may ask', () => {
  const start = (box: ReturnType<typeof bench>): void => box.say(PORTS.printer, TO_PRINTER.page_start, 0, 3);
  const row = (box: ReturnType<typeof bench>, at: number, bytes = WIDTH): void =>
    box.say(PORTS.printer, TO_PRINTER.rows, 0, at, new Uint8Array(bytes));
  const cases: readonly [string, (box: ReturnType<typeof bench>) => void, RegExp][] = [
    ['rows without a page', (box) => row(box, 0), /without page_start/],
    [
      'a page in a page',
      (box) => {
        start(box);
        start(box);
      },
      /while a page is in the head/,
    ],
    ['a page without rows', (box) => box.say(PORTS.printer, TO_PRINTER.page_start, 0, 0), /0 rows/],
    [
      'a row left out',
      (box) => {
        start(box);
        row(box, 0);
        row(box, 2);
      },
      /rows (from 2 after|beyond the end)/,
    ],
    [
      'the first row twice',
      (box) => {
        start(box);
        row(box, 0);
        row(box, 0);
      },
      /from 0 twice/,
    ],
    [
      'rows beyond the end',
      (box) => {
        start(box);
        row(box, 0);
        row(box, 1, 3 * WIDTH);
      },
      /beyond the end/,
    ],
    [
      'a row cut in two',
      (box) => {
        start(box);
        row(box, 0);
        row(box, 1, WIDTH + 1);
      },
      /cut in two/,
    ],
    [
      'an end before the last row',
      (box) => {
        start(box);
        row(box, 0);
        row(box, 1);
        box.say(PORTS.printer, TO_PRINTER.page_end);
      },
      /whole ones|before the last/,
    ],
    ['an overprint of nothing', (box) => box.say(PORTS.printer, TO_PRINTER.overprint), /without a paper/],
    ['a drop of nothing', (box) => box.drop('bin'), /without a paper/],
    ['a bin that is not there', (box) => box.say(PORTS.mechanics, TO_MECHANICS.drop, 9), /not there/],
    ['an unknown printer command', (box) => box.say(PORTS.printer, 77), /unknown/],
    ['an unknown pad command', (box) => box.say(PORTS.pad, 77), /unknown/],
    ['a port that is not there', (box) => box.say(7, 1), /nothing at port 7/],
    ['a damaged frame', (box) => box.mechanics.receive(PORTS.pad, Uint8Array.of(3, 1, 0)), /frame_/],
    [
      'a second page onto the paper in the window',
      (box) => {
        box.page();
        box.settle();
        start(box);
      },
      /onto a paper/,
    ],
    [
      'a drop while the page is printing',
      (box) => {
        box.page();
        box.drop('bin');
      },
      /while paper is moving/,
    ],
    [
      'a second drop of a falling paper',
      (box) => {
        box.page();
        box.settle();
        box.drop('bin');
        box.drop('bin');
      },
      /while paper is moving/,
    ],
  ];
  it.each(cases)('%s throws and is told', (_name, act, why) => {
    const box = bench();
    refuses(box, () => act(box), why);
  });
});

describe('what happens to correct firmware', () => {
  it('paper out: the page is refused with a fault, and its rows fall to nothing', () => {
    const box = bench();
    expect(box.mechanics.paperFault('out')).toBe(true);
    expect(box.mechanics.paperFault('out')).toBe(false);
    box.page();
    box.settle();
    expect(box.take()).toEqual([[PORTS.printer, FROM_PRINTER.fault, PRINTER_FAULTS.out_of_paper]]);
    box.mechanics.paperFault('refill');
    const lid = [PORTS.mechanics, FROM_MECHANICS.lid];
    expect(box.take()).toEqual([
      [...lid, 1],
      [...lid, 0],
    ]);
    box.page();
    box.settle();
    expect(box.take()).toEqual([[PORTS.printer, FROM_PRINTER.in_window]]);
  });

  it('a jam in the head: the torn page is taken out by hand', () => {
    const box = bench();
    box.mechanics.paperFault('jam');
    box.page();
    box.settle();
    expect(box.take()).toEqual([[PORTS.printer, FROM_PRINTER.fault, PRINTER_FAULTS.jam]]);
    expect(box.mechanics.facts().window).toBe('jammed');
    expect(box.mechanics.paperFault('clear')).toBe(true);
    expect(box.take()).toEqual([[PORTS.mechanics, FROM_MECHANICS.state, WINDOW_STATES.empty, 0]]);
    expect(box.mechanics.facts().takenOut).toBe(1);
    expect(box.mechanics.paperFault('clear')).toBe(false);
  });

  it('a jam at the flap: the whole page is back in the window and can be dropped again', () => {
    const box = bench();
    box.page();
    box.settle();
    box.mechanics.paperFault('jam');
    box.take();
    box.drop('bin');
    box.settle();
    expect(box.take()).toEqual([[PORTS.mechanics, FROM_MECHANICS.jam]]);
    box.mechanics.paperFault('clear');
    expect(box.take()).toEqual([[PORTS.mechanics, FROM_MECHANICS.state, WINDOW_STATES.paper, 0]]);
    box.drop('bin');
    box.settle();
    expect(box.mechanics.facts().bins.bin).toBe(1);
  });

  it('a fall that no sensor saw: the bin has one more and nobody was told', () => {
    const box = bench();
    box.page();
    box.settle();
    box.mechanics.paperFault('unseen_fall');
    box.take();
    box.drop('bin');
    box.settle();
    expect(box.take()).toEqual([]);
    expect(box.mechanics.facts().bins.bin).toBe(1);
    box.say(PORTS.mechanics, TO_MECHANICS.query);
    box.settle();
    expect(box.take()).toEqual([[PORTS.mechanics, FROM_MECHANICS.state, WINDOW_STATES.empty, 0]]);
  });

  it('power cut: a page in the head stands in the window afterwards, a falling one stays behind the flap', () => {
    for (const moment of ['rows', 'printing', 'dropping'] as const) {
      const box = bench();
      if (moment === 'rows') {
        box.say(PORTS.printer, TO_PRINTER.page_start, 0, 3);
        box.say(PORTS.printer, TO_PRINTER.rows, 0, 0, new Uint8Array(WIDTH));
      } else box.page();
      if (moment === 'dropping') {
        box.settle();
        box.drop('bin');
      }
      box.mechanics.power(false);
      box.settle();
      box.mechanics.power(true);
      box.take();
      box.say(PORTS.printer, TO_PRINTER.query);
      box.settle();
      expect(box.take()).toEqual([[PORTS.printer, FROM_PRINTER.state, WINDOW_STATES.paper]]);
      box.say(PORTS.printer, TO_PRINTER.overprint);
      box.settle();
      box.drop('rejected');
      box.settle();
      expect(box.mechanics.facts().bins).toEqual({ bin: 0, rejected: 1, retained: 0 });
    }
  });

  it('a killed bench leaves the page in the head where it was', () => {
    const box = bench({ ...FRESH_FACTS, inHead: true });
    box.say(PORTS.mechanics, TO_MECHANICS.query);
    box.settle();
    expect(box.take()).toEqual([[PORTS.mechanics, FROM_MECHANICS.state, WINDOW_STATES.paper, 0]]);
  });

  it('says nothing without power', () => {
    const box = bench();
    box.mechanics.power(false);
    box.mechanics.press('green');
    box.mechanics.setLid(true);
    expect(box.take()).toEqual([]);
    box.mechanics.power(true);
    box.mechanics.press('green');
    expect(box.take()).toEqual([[PORTS.mechanics, FROM_MECHANICS.key, 12]]);
  });
});

describe('the pad', () => {
  it('tells of cards and carries APDUs; a card taken away in the middle answers nothing', () => {
    const box = bench();
    const card = { reset: () => undefined, transmit: (apdu: Bytes) => Uint8Array.of(...apdu, 0x90, 0) };
    box.mechanics.layCard(card);
    expect(box.take()).toEqual([[PORTS.pad, FROM_PAD.card_laid]]);
    box.say(PORTS.pad, TO_PAD.apdu, 1, 2);
    box.settle();
    expect(box.take()).toEqual([[PORTS.pad, FROM_PAD.response, 1, 2, 0x90, 0]]);
    box.say(PORTS.pad, TO_PAD.apdu, 1, 2);
    box.mechanics.layCard(undefined);
    box.settle();
    expect(box.take()).toEqual([
      [PORTS.pad, FROM_PAD.card_removed],
      [PORTS.pad, FROM_PAD.response],
    ]);
    box.say(PORTS.pad, TO_PAD.query);
    box.settle();
    expect(box.take()).toEqual([[PORTS.pad, FROM_PAD.card_removed]]);
  });
});

describe('virtual time', () => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('moves when the caller has returned, and what follows in the same turn', async () => {
    const schedule = virtualSchedule();
    const done: string[] = [];
    schedule.after(1_700, () => {
      done.push('page');
      schedule.after(600, () => done.push('drop'));
    });
    expect(done).toEqual([]);
    await turn();
    expect(done).toEqual(['page', 'drop']);
  });

  it('lets others live beside a firmware that never stops asking', async () => {
    const schedule = virtualSchedule();
    let asked = 0;
    const ask = (): void => {
      asked++;
      schedule.after(0, ask);
    };
    schedule.after(0, ask);
    await turn();
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(TURN_MOVEMENTS_MAX);
    schedule.stop();
    const stopped = asked;
    await turn();
    expect(asked).toBe(stopped);
  });

  it('brings nothing that was moving when power was cut', async () => {
    const schedule = virtualSchedule();
    let arrived = false;
    schedule.after(0, () => {
      arrived = true;
    });
    schedule.stop();
    await turn();
    expect(arrived).toBe(false);
  });
});
