// The same votes in another order, with the same draws of rows, through the real core and the real records store at
// once; power and process lost at steps that belong to the votes. What the two stores hold must be the same bytes.
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFlash, type NorFlash } from '@sandoq/firmware-host';
import { type Bytes, type ContestBallot, concatBytes, sealedBytes, toHex } from '@sandoq/protocol';
import {
  AT,
  INTENT_BYTES,
  NAME_BYTES,
  ROW_BYTES,
  ROW_COMMITTED,
  SECTOR,
  storeLayout,
} from '../../firmware-host/src/audit/layout.ts';
import { TEARS, tornBits } from '../../firmware-host/test/cuts.ts';
import { crypto, type PreparedBallot, prepareBallot } from '../../firmware-host/test/election.ts';
import { TestCard } from '../../firmware-host/test/metal.ts';
import { openRig, type Rig, twin } from '../../firmware-host/test/rig.ts';
import { seeded } from '../../firmware-host/test/seeded.ts';
import {
  openRecordsStore,
  type RecordsLayout,
  type RecordsStore,
} from '../../station-app/src/stores/records-store.ts';
import { shuffled } from './shuffled.ts';

/** A cut ballot is voted again; a second cut of the same vote is not planned. */
const ATTEMPTS = 2;
const CONTESTS = 3;
/** Papers: one of the attempt, one for a paper that is found after a cut. */
const PAPERS = 2;
const STORE_FILE = 'records.sqlite';
/** the database, and the ballot in hand beside it */
const STORE_PARTS = ['', '-pending'] as const;

export interface Crash {
  /** The box loses power in this word that its attempt programs, counted from PRINT on; undefined: it does not. */
  readonly boxWord?: number;
  /** The voting process dies after this step. */
  readonly storeStep?: 'pending' | 'printed' | 'green' | 'stored';
}

export interface Plan {
  readonly votes: number;
  readonly crashes: ReadonlyMap<number, Crash>;
  /** These voters first print and correct. */
  readonly corrected: ReadonlySet<number>;
}

/** Rows that an attempt takes, in each table; no two attempts share one. */
interface Rows {
  readonly slots: readonly number[];
  readonly spent: number;
  readonly papers: readonly number[];
  readonly storeSlots: readonly number[];
}

const ballotOf = (vote: number): readonly ContestBallot[] => [
  { contest: 0, class: 'marked', choices: [vote % 4] },
  vote % 3 === 0
    ? { contest: 1, class: 'blank', choices: [] }
    : { contest: 1, class: 'marked', choices: [vote % 5, 5 + (vote % 7)] },
  { contest: 2, class: 'marked', choices: [vote % 9] },
];

/** Programs so many words and then loses power: erasures of the ring, which come when it is full, are not counted. */
class WordLimit {
  readonly flash: NorFlash;
  #left: number | undefined;
  #tear = 0;

  constructor(inner: NorFlash) {
    this.flash = {
      ...inner,
      get writes() {
        return inner.writes;
      },
      program: (address, from) => {
        const words = from.length / 4;
        if (this.#left !== undefined) {
          if (words > this.#left)
            inner.cutAfter(this.#left, tornBits(TEARS[this.#tear % 4] as never, this.#tear));
          else this.#left -= words;
        }
        inner.program(address, from);
      },
    };
    this.#release = () => inner.cutAfter(undefined);
  }

  readonly #release: () => void;

  set(words: number | undefined, tear = 0): void {
    this.#left = words;
    this.#tear = tear;
    this.#release();
  }
}

export interface DayResult {
  /** digests of the masked bytes of the two stores */
  readonly box: string;
  readonly store: string;
  /** digests of everything but the records: flash without names and bodies, and the length of each frame said */
  readonly beside: string;
  /** The log alone: a sequence, the same for every order of votes that went alike. */
  readonly log: string;
  readonly said: string;
  readonly boxCrashes: number;
  readonly storeCrashes: number;
  readonly cast: number;
  readonly tornSlots: number;
}

export interface DayVariation {
  /** These two voters exchange their choices, and nothing else. */
  readonly exchanged?: readonly [number, number];
  /** A store with a memory, for control: rows are taken by turn, not by draw. */
  readonly inTurn?: boolean;
}

export interface OrderWorld {
  /** Runs the votes in this order; the files are left in `folder`. */
  run(order: readonly number[], plan: Plan, folder: string, variation?: DayVariation): DayResult;
}

/** What is public and counted: boots, powered minutes, and how many entries of the ring were ever used. */
export function maskFlash(image: Bytes): Bytes {
  const masked = Uint8Array.from(image);
  masked.fill(0, AT.boots, AT.boots + SECTOR);
  masked.fill(0, AT.minutes, AT.minutes + SECTOR);
  for (let at: number = AT.intents; at < AT.intents + SECTOR; at += INTENT_BYTES) {
    const entry = masked.subarray(at, at + INTENT_BYTES);
    if (!entry.every((byte) => byte === 0) && !entry.every((byte) => byte === 0xff))
      throw new Error('an entry of the ring is neither used up nor free');
    entry.fill(0);
  }
  return masked;
}

/** SQLite's header counts transactions in bytes 24–27 and 92–95. */
export function maskStore(file: Bytes): Bytes {
  const masked = Uint8Array.from(file);
  masked.fill(0, 24, 28);
  masked.fill(0, 92, 96);
  return masked;
}

export async function orderWorld(votes: number, folder: string, seed = 1): Promise<OrderWorld> {
  const votesMax = votes * (ATTEMPTS + 1) + 8;
  const base = await openRig({ votesMax });
  const random = seeded(seed);
  const { slots, spentRows, paperRows } = storeLayout(base.election.package, votesMax);
  const tables = {
    slots: shuffled(slots, random),
    spent: shuffled(spentRows, random),
    papers: shuffled(paperRows, random),
    store: shuffled(votesMax * CONTESTS, random),
  };
  const rowsOf = (vote: number, attempt: number): Rows => {
    const turn = vote * (ATTEMPTS + 1) + attempt;
    return {
      slots: tables.slots.slice(turn * CONTESTS, (turn + 1) * CONTESTS),
      spent: tables.spent[turn] as number,
      papers: tables.papers.slice(turn * PAPERS, (turn + 1) * PAPERS),
      storeSlots: tables.store.slice(turn * CONTESTS, (turn + 1) * CONTESTS),
    };
  };
  const layout: RecordsLayout = {
    packageDigest: base.election.packageDigest,
    contests: CONTESTS,
    sealedBytes: sealedBytes(base.election.package.contests),
    votesMax,
  };
  const template = join(folder, `template-${votes}-${seed}.sqlite`);
  const first = openRecordsStore(template, layout, { crypto, uniformBelow: () => 0 });
  first.beginSession(base.sessionId);
  first.close();
  const image = base.flash.image();
  const seals = new Map<string, PreparedBallot>();
  return {
    run: (order, plan, where, variation = {}) =>
      new Day({ base, image, layout, template, rowsOf, seals }, plan, where, variation).run(order),
  };
}

interface World {
  readonly base: Rig;
  readonly image: Bytes;
  readonly layout: RecordsLayout;
  readonly template: string;
  readonly rowsOf: (vote: number, attempt: number) => Rows;
  /** Sealing is the same in every order: the nonces belong to the votes. */
  readonly seals: Map<string, PreparedBallot>;
}

/** One day in one order: the part of the station that the two stores see. */
class Day {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #rig: Rig;
  readonly #limit: WordLimit;
  readonly #folder: string;
  #store: RecordsStore;
  #storeTurn = 0;
  readonly #taken = new Set<number>();
  #storeDraws: number[] = [];
  #draws: number[] = [];
  readonly #variation: DayVariation;
  #turns = 0;
  readonly #figures = { boxCrashes: 0, storeCrashes: 0, cast: 0 };

  constructor(world: World, plan: Plan, folder: string, variation: DayVariation) {
    this.#world = world;
    this.#variation = variation;
    this.#plan = plan;
    this.#folder = folder;
    this.#limit = new WordLimit(createFlash({ image: world.image }));
    this.#rig = twin(world.base, world.image, this.#limit.flash);
    this.#rig.draws = (into) => {
      if (into.length !== 4) return false;
      const row = this.#draws.shift();
      if (row === undefined) throw new Error('the box draws a row that was not planned');
      new DataView(into.buffer, into.byteOffset, 4).setUint32(0, row, true);
      return true;
    };
    for (const part of STORE_PARTS) copyFileSync(`${world.template}${part}`, `${this.#path()}${part}`);
    this.#store = this.#openStore();
  }

  run(order: readonly number[]): DayResult {
    this.#rig.link();
    for (const vote of order) this.#vote(vote);
    const { counters } = this.#rig.status();
    this.#store.close();
    const image = maskFlash(this.#rig.flash.image());
    const lengths = this.#rig.sent.map((frame) => frame.length);
    const digest = (bytes: Bytes): string => toHex(crypto.sha256(bytes));
    const journal = `${this.#path()}-journal`;
    if (existsSync(journal) && readFileSync(journal).length > 0) throw new Error('a journal is left');
    return {
      box: digest(this.#withoutLog(image)),
      log: digest(this.#logOf(image)),
      beside: digest(this.#withoutRecords(image)),
      said: digest(Uint8Array.from(Buffer.from(lengths.join(' ')))),
      store: digest(
        concatBytes(maskStore(readFileSync(this.#path())), readFileSync(`${this.#path()}-pending`)),
      ),
      ...this.#figures,
      tornSlots: counters.tornSlots,
    };
  }

  #logOf(image: Bytes): Bytes {
    const { log, logHead } = storeLayout(this.#world.base.election.package, this.#world.layout.votesMax);
    return image.slice(log, logHead);
  }

  #withoutLog(image: Bytes): Bytes {
    const { log, logHead } = storeLayout(this.#world.base.election.package, this.#world.layout.votesMax);
    return Uint8Array.from(image).fill(0, log, logHead);
  }

  #withoutRecords(image: Bytes): Bytes {
    const { election } = this.#world.base;
    const store = storeLayout(election.package, this.#world.layout.votesMax);
    const bare = Uint8Array.from(image);
    for (let slot = 0; slot < store.slots; slot++) {
      const row = store.index + slot * ROW_BYTES;
      if (bare[row + NAME_BYTES] !== (ROW_COMMITTED & 0xff)) continue;
      bare.fill(0, row, row + NAME_BYTES);
      bare.fill(
        0,
        store.bodies + slot * store.stride,
        store.bodies + slot * store.stride + store.sealedBytes,
      );
    }
    return bare;
  }

  #path(): string {
    return join(this.#folder, `${this.#storeTurn}-${STORE_FILE}`);
  }

  #openStore(): RecordsStore {
    return openRecordsStore(this.#path(), this.#world.layout, {
      crypto,
      uniformBelow: () => {
        const slot = this.#storeDraws.shift();
        if (slot === undefined) throw new Error('the store draws a slot that was not planned');
        return slot - [...this.#taken].filter((other) => other < slot).length;
      },
    });
  }

  /** The process dies: the files as they are at this moment are what the next one opens. */
  #crashStore(): void {
    const old = this.#store;
    const from = this.#path();
    this.#storeTurn++;
    for (const part of STORE_PARTS) copyFileSync(`${from}${part}`, `${this.#path()}${part}`);
    if (existsSync(`${from}-journal`)) copyFileSync(`${from}-journal`, `${this.#path()}-journal`);
    old.close();
    this.#store = this.#openStore();
    this.#figures.storeCrashes++;
  }

  #vote(vote: number): void {
    const card = new TestCard(this.#world.base.election, vote);
    if (this.#plan.corrected.has(vote)) this.#attempt(vote, ATTEMPTS, card, 'correction', {});
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const crash = attempt === 0 ? (this.#plan.crashes.get(vote) ?? {}) : {};
      if (this.#attempt(vote, attempt, card, 'green', crash) === 'cast') return;
    }
    throw new Error(`vote ${vote} did not come into the box`);
  }

  #attempt(vote: number, attempt: number, card: TestCard, key: 'green' | 'correction', crash: Crash): string {
    const rig = this.#rig;
    const rows =
      this.#variation.inTurn === true
        ? this.#world.rowsOf(this.#turns++, 0)
        : this.#world.rowsOf(vote, attempt);
    const turn = vote * (ATTEMPTS + 1) + attempt;
    rig.reseed(1_000_000 + turn * 1000);
    rig.metal.lay(card);
    const prepared = this.#prepare(turn, vote);
    this.#store.writePending(prepared.sealed);
    if (crash.storeStep === 'pending') this.#crashStore();
    this.#limit.set(crash.boxWord, turn);
    this.#draws = [rows.papers[0] as number];
    rig.send('print', prepared);
    if (crash.storeStep === 'printed') this.#crashStore();
    if (rig.box.powered) {
      this.#draws = key === 'green' ? [...rows.slots, rows.spent] : [];
      rig.metal.press(key);
    }
    if (crash.storeStep === 'green') this.#crashStore();
    this.#limit.set(undefined);
    if (!rig.box.powered) {
      // A paper that no word accounts for yet gets one at boot.
      this.#draws = rows.papers.slice(1);
      rig.restart();
      rig.link();
      this.#figures.boxCrashes++;
    }
    const { outcome, signatures } = rig.ask('outcome', { names: prepared.names });
    if (outcome === 'cast') {
      this.#storeDraws = [...rows.storeSlots];
      this.#store.storePending(signatures);
      for (const slot of rows.storeSlots) this.#taken.add(slot);
      this.#figures.cast++;
    } else this.#store.clearPending();
    if (crash.storeStep === 'stored') this.#crashStore();
    rig.metal.lay(undefined);
    return outcome;
  }

  #prepare(turn: number, vote: number): PreparedBallot {
    const { stationNonce, boxNonce } = this.#rig.begin(turn);
    const [a, b] = this.#variation.exchanged ?? [];
    const chooses = vote === a ? (b as number) : vote === b ? (a as number) : vote;
    const name = `${chooses} ${toHex(boxNonce)}`;
    const known = this.#world.seals.get(name);
    if (known !== undefined) return known;
    const { election, sessionId } = this.#world.base;
    const made = prepareBallot(election, sessionId, stationNonce, boxNonce, ballotOf(chooses));
    this.#world.seals.set(name, made);
    return made;
  }
}

export function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((one, i) => permutations(items.toSpliced(i, 1)).map((rest) => [one, ...rest]));
}

export const PLAIN = (votes: number): Plan => ({ votes, crashes: new Map(), corrected: new Set() });

/** PRINT and green program fewer words than this. */
const ATTEMPT_WORDS = 150;
const STORE_STEPS = ['pending', 'printed', 'green', 'stored'] as const;

/** Of every three voters one meets a power cut, one a death of the process, each at a random step; some correct first. */
export function randomPlan(votes: number, seed: number): Plan {
  const random = seeded(seed);
  const crashes = new Map<number, Crash>();
  const corrected = new Set<number>();
  for (let vote = 0; vote < votes; vote++) {
    const boxWord = random() % 3 === 0 ? { boxWord: random() % ATTEMPT_WORDS } : {};
    const storeStep =
      random() % 3 === 0 ? { storeStep: STORE_STEPS[random() % 4] as (typeof STORE_STEPS)[number] } : {};
    crashes.set(vote, { ...boxWord, ...storeStep });
    if (random() % 4 === 0) corrected.add(vote);
  }
  return { votes, crashes, corrected };
}
