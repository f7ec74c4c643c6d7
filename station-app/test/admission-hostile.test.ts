/** Cards that answer anything: every answer ends in a named refusal, nobody is admitted, the process goes on. */
import { concatBytes } from '@sandoq/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMISSION_REFUSALS, PERSON_REFUSALS } from '../src/contract/codes-admission.ts';
import { Refused } from '../src/contract/socket.ts';
import { openRoom, type Room } from './admission-room.ts';
import { codeOf } from './admission-world.ts';

let room: Room;
beforeAll(async () => {
  room = await openRoom();
  await room.open();
});
afterAll(() => room.close());

const statusWord = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0x9000) },
  { weight: 1, arbitrary: fc.constantFrom(0x63c1, 0x6983, 0x6982, 0x6985, 0x6a80, 0x6a82, 0x6100) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }) },
);
const answer = fc
  .tuple(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      // Shaped like what is wanted, with anything inside.
      fc.uint8Array({ maxLength: 100 }).map((inner) => concatBytes(Uint8Array.of(0x53, inner.length), inner)),
      fc
        .uint8Array({ maxLength: 100 })
        .map((inner) => concatBytes(Uint8Array.of(0xd2, 0x84, 0x58, inner.length), inner)),
      fc.constant(new Uint8Array(16)),
    ),
    statusWord,
  )
  .map(([data, word]) => concatBytes(data, Uint8Array.of(word >> 8, word & 0xff)));
const answers = fc.array(fc.oneof({ weight: 9, arbitrary: answer }, fc.uint8Array({ maxLength: 1 })), {
  minLength: 1,
  maxLength: 8,
});

const cardOf = (script: readonly Uint8Array[]) => {
  let next = 0;
  return { reset: () => undefined, transmit: () => script[next++ % script.length] as Uint8Array };
};

async function named<Value>(running: Promise<Value>): Promise<Value | undefined> {
  try {
    return await running;
  } catch (cause) {
    if (!(cause instanceof Refused)) throw cause;
    expect(ADMISSION_REFUSALS).toContain(cause.refusal.code);
    expect(cause.refusal.code).not.toBe('failed');
    return undefined;
  }
}

/** A card's nonsense costs neither the link nor the PINs given through it. */
const unlocked = () =>
  room.until(
    (view) => view.devices[0]?.state === 'connected' && view.unlocked.executive && view.unlocked.supervisor,
  );

test('in the document slot', async () => {
  await fc.assert(
    fc.asyncProperty(answers, async (script) => {
      await unlocked();
      room.layRaw('document', cardOf(script));
      const read = await named(room.call('person.read', {}));
      if (read?.refusal) expect(PERSON_REFUSALS).toContain(read.refusal.code);
      // Nobody can forge the registry's signature by chance.
      expect(read?.state ?? 'idle').not.toBe('needs_proof');
    }),
    { numRuns: 80 },
  );
  await room.call('person.cancel', {});
});

/** Fixed: the same cards in every run. */
const SEED = 1405;

test('on the pad: whatever it says, it is not taken for armed, and nobody stays stuck at the desk', async () => {
  let person = 2;
  // The model of what is in hand: whom the journal took, as the calls' own answers say. Views come a moment later.
  let admitted = 0;
  await fc.assert(
    fc.asyncProperty(answers, async (script) => {
      await unlocked();
      await room.call('person.enter', { national_code: codeOf(person++), document: 'passport' });
      room.layRaw('tarefe', cardOf(script));
      await named(room.approve('executive'));
      const second = await named(room.approve('supervisor'));
      expect(second?.state ?? 'identified').not.toBe('armed');
      const inHand = second?.state === 'arming';
      if (inHand) admitted++;
      await named(room.call('tarefe.take_back', { reason: 'abandoned' }));
      room.take('tarefe');
      if (inHand) {
        // In the journal, and no card answers for her: nobody else is served meanwhile, and she is not dropped.
        expect(await room.refusalOf(room.call('person.cancel', {}))).toBe('admission_in_hand');
        // Both roles say that the card cannot be found; no other is given.
        await room.call('tarefe.handed_over', {});
      } else await room.call('person.cancel', {});
      const free = await room.until(
        ({ state, ledger }) => (state === 'idle' || state === 'done') && ledger.admitted === admitted,
      );
      expect(free.in_hand).toBe(false);
      expect(free.ledger).toMatchObject({ admitted, issued: admitted, abandoned: 0, spoiled: 0 });
    }),
    { numRuns: 40, seed: SEED },
  );
  // An honest card is armed for the next person at once.
  expect((await room.admit(person)).state).toBe('armed');
  const { ledger } = await room.until((view) => view.ledger.admitted === admitted + 1);
  expect(ledger.issued).toBe(admitted + 1);
});
