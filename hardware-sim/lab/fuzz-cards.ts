/**
 * Hostile reports, scripts, APDUs and rolls by the hundred thousand: whatever is said, there is a named answer, nothing falls, and
 * the memory at the end is what it was at the beginning. What cards say to the desk is tried in the tests, over sockets.
 */

import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type CardState,
  createCardOf,
  createReaderDevice,
  makeRoleCard,
  makeVoterCard,
} from '@sandoq/hardware-sim';
import {
  AMAYESH_AID,
  authorityEntry,
  BROADCAST_CHANNEL,
  type Bytes,
  concatBytes,
  createReportReader,
  decodeScript,
  decodeScriptAnswer,
  directoryOf,
  type ElectionId,
  encodeReports,
  encodeScript,
  HID_COMMANDS,
  HID_ERRORS,
  type HidMessage,
  PIV_AID,
  REPORT_BYTES,
  ROLE_CARD_AID,
  SCRIPT_COMMANDS_MAX,
} from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import {
  createRollBuilder,
  decodeEntries,
  findEntry,
  openRollHead,
  openRollIndex,
  ROLL_FAULTS,
} from '@sandoq/protocol/roll';
import { seededRandom } from '@sandoq/seeds';

const ROUNDS = 100_000;
const SEED = 5;
const GROWTH_BYTES_MAX = 8 * 1024 * 1024;

const { values } = parseArgs({
  options: { help: { type: 'boolean' }, rounds: { type: 'string' }, seed: { type: 'string' } },
});
if (values.help === true) {
  console.error('usage: npm run lab -- fuzz-cards [--rounds N] [--seed N]');
  process.exit(0);
}
const rounds = Number(values.rounds ?? ROUNDS);
const seed = Number(values.seed ?? SEED);
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed)) {
  console.error('--rounds and --seed: whole numbers');
  process.exit(2);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heldBytes = (): number => {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const random = seededRandom(seed);
const below = (limit: number): number => random.below(limit);
/** One draw for four bytes. */
const junk = (length: number): Bytes => {
  const bytes = new Uint8Array(Math.ceil(length / 4) * 4);
  const words = new DataView(bytes.buffer);
  for (let at = 0; at < length; at += 4) words.setUint32(at, below(2 ** 32));
  return bytes.slice(0, length);
};
/** Near what is right: a few bytes of it changed, or it is cut off or longer. */
function bent(good: Bytes): Bytes {
  const bytes = good.slice();
  for (let flips = below(4); flips >= 0 && bytes.length > 0; flips--) bytes[below(bytes.length)] = below(256);
  return below(4) === 0 ? concatBytes(bytes.subarray(0, below(bytes.length + 1)), junk(below(8))) : bytes;
}

interface Tally {
  readonly name: string;
  tried: number;
  /** thrown at us: a crash elsewhere */
  fallen: number;
  /** an answer that is none of the named ones */
  unnamed: number;
}

function tryMany(name: string, count: number, once: () => boolean): Tally {
  const tally: Tally = { name, tried: 0, fallen: 0, unnamed: 0 };
  for (; tally.tried < count; tally.tried++) {
    try {
      if (!once()) tally.unnamed++;
    } catch (cause) {
      tally.fallen++;
      console.error(`${name}: ${cause instanceof Error ? cause.stack : String(cause)}`);
    }
  }
  return tally;
}

const ports = { crypto: nodeCrypto, random: nodeRandomness };
const holder = { nationalCode: '0084575948', name: 'زهرا محمدی', birthDate: '1980-03-21' };
const CARDS: readonly (readonly [CardState, Bytes])[] = [
  [makeVoterCard(nodeCrypto, holder, '1234'), PIV_AID],
  [{ kind: 'amayesh', inclusiveCode: '123456789012' }, AMAYESH_AID],
  [
    makeRoleCard(
      {
        ...{ election: 'fuzz' as ElectionId, stationId: 's1', role: 'executive' as const, pin: '1111' },
        ...{ authorityKey: junk(32), pinTriesMax: 3 },
      },
      nodeRandomness,
    ),
    ROLE_CARD_AID,
  ],
];
const cards = CARDS.map(([state, aid]) => ({ aid, card: createCardOf(state, ports, () => undefined) }));
const INS = [0xa4, 0x20, 0xcb, 0x87, 0x30, 0x32, 0x34, 0xc0, 0x10, 0x12];
const CLA = [0x00, 0x10, 0x80, 0x90, 0xff];

function apdu(): Bytes {
  if (below(5) === 0) return junk(below(40));
  const data = below(8) === 0 ? junk(below(4096)) : junk(below(60));
  const length =
    data.length > 255 || below(2) === 0
      ? Uint8Array.of(0, data.length >> 8, data.length & 0xff)
      : Uint8Array.of(data.length);
  const head = Uint8Array.of(
    random.pick(CLA),
    random.pick(INS),
    below(256),
    random.pick([0, 4, 0x80, 0x96, 0x9a, below(256)]),
  );
  return bent(concatBytes(head, length, data, junk(below(3))));
}

function hostileApdus(): Tally {
  return tryMany('apdus', rounds, () => {
    const { aid, card } = random.pick(cards);
    if (below(20) === 0) card.reset();
    if (below(10) === 0) card.transmit(concatBytes(Uint8Array.of(0, 0xa4, 4, 0, aid.length), aid));
    const said = card.transmit(apdu());
    const first = said.at(-2) as number;
    // ISO 7816-4 section 5.6: every status word begins with 6 or 9.
    return said.length >= 2 && (first >> 4 === 6 || first >> 4 === 9);
  });
}

function hostileReports(): Tally {
  const device = createReaderDevice({ kind: 'admission', slots: 4, duration: () => 0 });
  device.setSlot(0, cards[0]?.card);
  const heard = createReportReader();
  let isFaulty = false;
  const host = device.attach((reports) => {
    for (const report of reports) if (heard.push(report).kind === 'fault') isFaulty = true;
  });
  const good = encodeReports({
    channel: BROADCAST_CHANNEL,
    command: HID_COMMANDS.init,
    data: junk(8),
  })[0] as Bytes;
  return tryMany('reports', rounds, () => {
    const channel = random.pick([1, 2, 3, BROADCAST_CHANNEL]);
    const [whole] = encodeReports({ channel, command: below(128), data: junk(below(50)) });
    isFaulty = false;
    host.push(random.pick([bent(whole as Bytes), bent(good), junk(REPORT_BYTES), junk(below(80))]));
    return !isFaulty;
  });
}

/** Scripts, whole and bent, to cards of all kinds: an answer that a reader may give, or an error by name. */
function hostileScripts(): Tally {
  const device = createReaderDevice({ kind: 'admission', slots: 4, duration: () => 0 });
  cards.forEach(({ card }, slot) => {
    device.setSlot(slot, card);
  });
  const heard = createReportReader();
  let said: HidMessage | undefined;
  const host = device.attach((reports) => {
    for (const report of reports) {
      const outcome = heard.push(report);
      if (outcome.kind === 'message') said = outcome.message;
    }
  });
  const say = (channel: number, command: number, data: Bytes): HidMessage | undefined => {
    said = undefined;
    for (const report of encodeReports({ channel, command, data })) host.push(report);
    return said;
  };
  const begun = say(BROADCAST_CHANNEL, HID_COMMANDS.init, junk(8)) as HidMessage;
  const channel = new DataView(begun.data.buffer, begun.data.byteOffset).getUint32(8);
  const errors: readonly number[] = Object.values(HID_ERRORS);
  return tryMany('scripts', Math.ceil(rounds / 2), () => {
    const slot = below(cards.length + 2);
    const select = concatBytes(
      Uint8Array.of(0, 0xa4, 4, 0, cards[slot]?.aid.length ?? 5),
      cards[slot]?.aid ?? junk(5),
    );
    const rest = Array.from({ length: below(SCRIPT_COMMANDS_MAX) }, () =>
      concatBytes(apdu().subarray(0, 1_000), Uint8Array.of(0, 0, 0, 0)),
    );
    const good = encodeScript({ slot, commands: [select, ...rest] });
    const sent = random.pick([good, bent(good), junk(below(60))]);
    const answer = say(channel, HID_COMMANDS.script, sent);
    if (answer?.command === HID_COMMANDS.error) return errors.includes(answer.data[0] as number);
    const asked = decodeScript(sent);
    if (answer?.command !== HID_COMMANDS.script || asked === undefined) return false;
    return decodeScriptAnswer(answer.data, asked.commands.length)?.slot === asked.slot;
  });
}

function hostileRolls(): Tally {
  const key = junk(32);
  const secret = junk(32);
  const builder = createRollBuilder({
    ...{ key, election: 'fuzz' as ElectionId, asOf: 0, votingAgeYears: 18, constituencies: ['a', 'b'] },
  });
  const people = new Set<number>();
  while (people.size < 2000) people.add(below(1_000_000_000));
  for (const nine of people) builder.add(nine, { status: 'voted', home: below(2), firstRound: below(2) });
  const built = builder.finish(nodeCrypto, secret);
  if (!built.ok) throw new Error(built.fault.code);
  const [, , record, index, ...blocks] = built.value.pieces as [Bytes, Bytes, Bytes, Bytes, ...Bytes[]];
  const trust = {
    crypto: nodeCrypto,
    directory: directoryOf([authorityEntry(nodeCrypto.signingPublicKey(secret))]),
    election: 'fuzz' as ElectionId,
    at: 0,
  };
  const opened = openRollHead(record, key, trust);
  if (!opened.ok) throw new Error(opened.fault);
  const { form, head } = opened.value;
  const blockBytes = blocks.reduce((sum, { length }) => sum + length, 0);
  // Signatures and prefix codes cost more than gaps: a tenth of the rounds.
  return tryMany('rolls', Math.ceil(rounds / 10), () => {
    const answer = openRollHead(bent(record), key, trust);
    if (!answer.ok && !ROLL_FAULTS.includes(answer.fault)) return false;
    const indexed = openRollIndex(head, bent(index), blockBytes);
    if (!indexed.ok && !ROLL_FAULTS.includes(indexed.fault)) return false;
    // Behind the hash there is no damage; a maker's mistake would still find a total reader.
    const block = bent(random.pick(blocks));
    const list = decodeEntries(form, block, 0, 100_000);
    const found = findEntry(form, block, 0, below(1_000_000_000));
    return (list === undefined || list.positions.length <= block.length * 4) && found.kind !== undefined;
  });
}

const before = heldBytes();
const begun = performance.now();
const tallies = [hostileReports(), hostileScripts(), hostileApdus(), hostileRolls()];
const grown = heldBytes() - before;
const figures = {
  seed,
  seconds: Number(((performance.now() - begun) / 1000).toFixed(1)),
  ...Object.fromEntries(
    tallies.map(({ name, tried, fallen, unnamed }) => [
      name,
      { tried, fallen, without_a_named_answer: unnamed },
    ]),
  ),
  grown_bytes: grown,
  grown_bytes_max: GROWTH_BYTES_MAX,
};
const ok = tallies.every(({ fallen, unnamed }) => fallen === 0 && unnamed === 0) && grown <= GROWTH_BYTES_MAX;
process.stdout.write(`${JSON.stringify({ name: 'fuzz-cards', ok, figures })}\n`);
process.exitCode = ok ? 0 : 1;
