// Power cut at every flash word of a whole deed (cast, reject, keep back, open, close, clear, load), at the word's edge
// and in the middle of it, and again while the box recovers. What must then hold is read twice: from the image, by the
// auditor's own code, and through the protocol, as the station would ask. Shared by the lab and the tests.
import { type Bytes, parseTyped, records, toHex } from '@sandoq/protocol';
import { INTENT_COMMIT_WORD, INTENT_WORDS } from '../src/audit/intent.ts';
import {
  AT,
  INTENT_BYTES,
  NAME_BYTES,
  ROW_BYTES,
  ROW_COMMITTED,
  SECTOR,
  storeLayout,
  WORDS_FREE,
} from '../src/audit/layout.ts';
import { auditImage, type NorFlash, type TornBits } from '../src/index.ts';
import { crypto, type PreparedBallot, type TestElection } from './election.ts';
import { TestCard } from './metal.ts';
import { BALLOT, builtFirmware, openRig, Rig, twin } from './rig.ts';
import { seeded } from './seeded.ts';

/** No deed writes more words than this; a sweep that reaches it has lost its end. */
export const CUTS_MAX = 20_000;
export const VOTES_BEFORE = 3;
const CARD = 1;

/** How the word that power went in was left. */
export const TEARS = ['between_words', 'one_bit', 'half_the_bits', 'all_but_one_bit'] as const;
export type Tear = (typeof TEARS)[number];

export const DEED_NAMES = [
  'cast',
  'reject',
  'keep_back',
  'open',
  'close',
  'clear',
  'load',
  'cast_ring_full',
] as const;
export type DeedName = (typeof DEED_NAMES)[number];

export function tornBits(tear: Tear, seed: number): TornBits | undefined {
  const random = seeded(seed);
  if (tear === 'between_words') return undefined;
  if (tear === 'half_the_bits') return random;
  const oneBit = (): number => (1 << (random() & 31)) >>> 0;
  return tear === 'one_bit' ? oneBit : () => ~oneBit() >>> 0;
}

export interface Harm {
  readonly kind: 'lost' | 'doubled' | 'unnamed';
  readonly what: string;
}

interface Deed {
  readonly name: DeedName;
  /** The box before the deed; every try starts from a twin of it. */
  readonly base: Rig;
  readonly arrange: (rig: Rig) => void;
  /** What is done; it stops where the box does. */
  readonly run: (rig: Rig) => void;
  /** Goes on after the restart, as the station does, until the day is closed; says what was wrong. */
  readonly goOn: (rig: Rig, cutImage: Bytes, say: (kind: Harm['kind'], what: string) => void) => void;
}

const names = (image: Bytes): string[] =>
  auditImage(crypto, image).sealed.map((record) => toHex(crypto.sha256(record).slice(0, 16)));

/** Whether the vote's commit word, or all that it promised, is in these bytes: read without core and without host. */
export function isCommitted(election: TestElection, image: Bytes, prepared: PreparedBallot): boolean {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const word = (at: number): number => (at + 4 <= image.length ? view.getUint32(at, true) : WORDS_FREE);
  for (let at: number = AT.intents; at < AT.intents + SECTOR; at += INTENT_BYTES)
    if (word(at + INTENT_WORDS.commit) === INTENT_COMMIT_WORD) return true;
  const layout = storeLayout(election.package, election.station.votesMax);
  const wanted = new Set(prepared.names.map((name) => toHex(name.slice(0, NAME_BYTES))));
  for (let slot = 0; slot < layout.slots; slot++) {
    const row = layout.index + slot * ROW_BYTES;
    if (word(row + NAME_BYTES) === ROW_COMMITTED) wanted.delete(toHex(image.slice(row, row + NAME_BYTES)));
  }
  return wanted.size === 0;
}

/** At rest: every ledger, and the auditor. */
function checkRest(rig: Rig, votes: number, say: (kind: Harm['kind'], what: string) => void): void {
  const { counters, paper, cardsUnburnt } = rig.status();
  if (paper !== 'idle') say('unnamed', `paper ${paper}`);
  if (counters.records < votes * 3) say('lost', `${counters.records} records of ${votes} votes`);
  if (counters.records > votes * 3) say('doubled', `${counters.records} records of ${votes} votes`);
  if (counters.cardsSpent !== votes) say(counters.cardsSpent > votes ? 'doubled' : 'lost', 'cards spent');
  if (counters.papersInBin !== votes)
    say('unnamed', `${counters.papersInBin} papers in the bin of ${votes} votes`);
  if (counters.papersPrinted !== counters.papersInBin + counters.papersRejected + counters.papersRetained)
    say('unnamed', 'a paper without a fate');
  if (cardsUnburnt !== 0) say('unnamed', 'a card owes its burning');
  for (const { code, at } of auditImage(crypto, rig.flash.image()).findings)
    say('unnamed', `auditor: ${code} at ${at}`);
}

/** Closes and compares the committed set with what the station would hold. */
function closeAndCompare(
  rig: Rig,
  expected: readonly string[],
  say: (kind: Harm['kind'], what: string) => void,
): void {
  if (rig.status().lifecycle === 'open') rig.ask('close_doors', { approvals: rig.closing('close_doors') });
  const first = rig.ask('close', { approvals: rig.closing('close') }).commitment;
  if (toHex(first) !== toHex(rig.ask('close', { approvals: rig.closing('close') }).commitment))
    say('unnamed', 'two commitments');
  const report = auditImage(crypto, rig.flash.image());
  for (const { code, at } of report.findings) say('unnamed', `auditor after close: ${code} at ${at}`);
  if (report.lifecycle !== 'closed') say('unnamed', `closed box says ${report.lifecycle}`);
  const held = names(rig.flash.image());
  if (new Set(held).size !== held.length) say('doubled', 'a record twice');
  for (const name of expected) if (!held.includes(name)) say('lost', name);
  for (const name of held) if (!expected.includes(name)) say('doubled', name);
}

const hexNames = (prepared: PreparedBallot): string[] => prepared.names.map(toHex);

/** After a ballot that was cut: asks its fate, and goes on as CAST.md says. */
function resolveBallot(before: readonly string[], mayBeCast: boolean): Deed['goOn'] {
  return (rig, cutImage, say) => {
    const expected = [...before];
    const prepared = rig.pending;
    let votes = before.length / 3;
    if (prepared !== undefined) {
      const committed = isCommitted(rig.election, cutImage, prepared);
      const { outcome, signatures } = rig.ask('outcome', { names: prepared.names });
      if (committed && outcome !== 'cast') say('lost', `the commit word was there, the box says ${outcome}`);
      if (!committed && outcome === 'cast') say('doubled', 'cast without a commit word');
      if (!mayBeCast && outcome === 'cast') say('doubled', 'cast without green');
      if (outcome === 'cast') {
        votes++;
        expected.push(...hexNames(prepared));
        if (!rig.verifyVotes(prepared.sealed, signatures))
          say('unnamed', 'cast without the session key’s proof');
      } else if (outcome !== 'unknown') say('unnamed', `after a restart the box says ${outcome}`);
      const wanted = outcome === 'cast' ? 'spent' : 'armed';
      if (rig.metal.card?.state !== wanted)
        say('unnamed', `the card is ${rig.metal.card?.state}, the vote ${outcome}`);
    }
    checkRest(rig, votes, say);
    // The same card again: it gives exactly one vote in all.
    const card = rig.metal.card as TestCard;
    rig.metal.lay(card);
    if (votes === before.length / 3) {
      const again = rig.prepared(2, BALLOT);
      rig.print(again);
      rig.metal.press('green');
      if (rig.events.outcomes.at(-1)?.outcome !== 'cast')
        say('lost', 'the voter whose vote was not committed cannot vote');
      expected.push(...hexNames(again));
    } else {
      try {
        rig.begin(2);
        say('doubled', 'a card that voted may begin again');
      } catch {
        // card_spent, as it should be
      }
    }
    rig.metal.lay(undefined);
    checkRest(rig, before.length / 3 + 1, say);
    closeAndCompare(rig, expected, say);
  };
}

function openAgain(rig: Rig, say: (kind: Harm['kind'], what: string) => void): void {
  const { lifecycle } = rig.status();
  if (lifecycle === 'loaded') rig.open();
  else if (lifecycle !== 'open') say('unnamed', `opening was cut: ${lifecycle}`);
  else reopenWithSameRequest(rig, say);
}

/** The station repeats the request that it kept; the box answers the same session. */
function reopenWithSameRequest(rig: Rig, say: (kind: Harm['kind'], what: string) => void): void {
  const { session } = auditImage(crypto, rig.flash.image());
  if (session === undefined) {
    say('unnamed', 'open without a session that its own key certifies');
    return;
  }
  rig.sessionId = session.value.sessionId;
  rig.sessionKey = session.value.sessionKey;
  const { statement, approvals } = session.value;
  const answer = rig.ask('open', {
    stationNonce: statement.stationNonce,
    openedBucket: 1_800_000_000,
    approvals,
  });
  const again = parseTyped(answer.session, 'session', records.sessionShape);
  if (!again.ok || toHex(again.value.record.signature) !== toHex(session.record.signature))
    say('unnamed', 'a repeated opening answers another session');
}

function voteAndClose(rig: Rig, say: (kind: Harm['kind'], what: string) => void): void {
  checkRest(rig, 0, say);
  const prepared = rig.cast(7);
  checkRest(rig, 1, say);
  closeAndCompare(rig, hexNames(prepared), say);
}

async function votingBase(votes: number): Promise<{ readonly base: Rig; readonly held: string[] }> {
  const base = await openRig({ votesMax: Math.max(40, votes + 10) });
  const held: string[] = [];
  for (let i = 0; i < votes; i++) held.push(...hexNames(base.cast(100 + i)));
  return { base, held };
}

const layCard = (rig: Rig): void => {
  rig.metal.lay(new TestCard(rig.election, CARD));
  rig.pending = undefined;
};

function ballotDeed(
  name: DeedName,
  base: Rig,
  held: readonly string[],
  end: (rig: Rig) => void,
  mayBeCast: boolean,
): Deed {
  return {
    name,
    base,
    arrange: layCard,
    run(rig) {
      rig.pending = rig.prepared(1, BALLOT);
      rig.print(rig.pending);
      end(rig);
    },
    goOn: resolveBallot(held, mayBeCast),
  };
}

async function makeDeed(name: DeedName): Promise<Deed> {
  if (name === 'cast' || name === 'cast_ring_full') {
    const { base, held } = await votingBase(name === 'cast' ? VOTES_BEFORE : 64);
    return ballotDeed(name, base, held, (rig) => rig.metal.press('green'), true);
  }
  if (name === 'reject') {
    const { base, held } = await votingBase(VOTES_BEFORE);
    return ballotDeed(name, base, held, (rig) => rig.metal.press('correction'), false);
  }
  if (name === 'keep_back') {
    const { base, held } = await votingBase(VOTES_BEFORE);
    const keep = (rig: Rig): void => {
      const digest = (rig.metal.card as TestCard).digest();
      rig.ask('abandon', { approvals: rig.approvals(['executive', 'supervisor'], 'abandon_ballot', digest) });
    };
    return ballotDeed(name, base, held, keep, false);
  }
  const nothing = (): void => {};
  if (name === 'close') {
    const { base, held } = await votingBase(VOTES_BEFORE);
    return {
      name,
      base,
      arrange: nothing,
      run: (rig) => void rig.close(),
      goOn: (rig, _, say) => closeAndCompare(rig, held, say),
    };
  }
  if (name === 'clear') {
    const { base } = await votingBase(VOTES_BEFORE);
    base.close();
    const clear = (rig: Rig): void => {
      const approvals = rig.approvals(['executive', 'supervisor'], 'clear', rig.closeDigest());
      rig.ask('clear', { approvals });
    };
    const goOn: Deed['goOn'] = (rig, _, say) => {
      if (rig.status().lifecycle === 'closed') clear(rig);
      if (rig.status().lifecycle !== 'loaded') say('unnamed', `cleared, and ${rig.status().lifecycle}`);
      rig.open();
      voteAndClose(rig, say);
    };
    return { name, base, arrange: nothing, run: clear, goOn };
  }
  const base = new Rig(await builtFirmware());
  base.provision();
  if (name === 'load') {
    const goOn: Deed['goOn'] = (rig, _, say) => {
      rig.load();
      rig.link();
      openAgain(rig, say);
      voteAndClose(rig, say);
    };
    return { name, base, arrange: nothing, run: (rig) => rig.load(), goOn };
  }
  base.load();
  const goOn: Deed['goOn'] = (rig, _, say) => {
    openAgain(rig, say);
    voteAndClose(rig, say);
  };
  return { name, base, arrange: nothing, run: (rig) => void rig.open(), goOn };
}

const linkIfLoaded = (rig: Rig): void => {
  if (rig.status().lifecycle !== 'provisioned') rig.link();
};

export interface Cut {
  readonly word: number;
  readonly tear: Tear;
  /** A second cut, so many words into the recovery. */
  readonly again?: number;
}

interface Tried {
  /** The deed ended before this word came. */
  readonly through: boolean;
  readonly harms: readonly Harm[];
}

const torn = (flash: NorFlash, word: number, tear: Tear, seed: number): void =>
  flash.cutAfter(word, tornBits(tear, seed));

function recover(rig: Rig, cut: Cut): void {
  if (cut.again !== undefined) {
    torn(rig.flash, cut.again, cut.tear, cut.word * 31 + cut.again + 1);
    rig.restart();
    rig.flash.cutAfter(undefined);
  }
  rig.restart();
}

function tryCut(deed: Deed, cut: Cut, meddle: CampaignOptions['meddle']): Tried {
  const rig = twin(deed.base);
  linkIfLoaded(rig);
  deed.arrange(rig);
  torn(rig.flash, cut.word, cut.tear, cut.word + 1);
  const harms: Harm[] = [];
  const say = (kind: Harm['kind'], what: string): void => void harms.push({ kind, what });
  const problem = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
  try {
    deed.run(rig);
  } catch (cause) {
    // With the power gone nobody answers; with the power on every refusal is a fault of the deed.
    if (rig.box.powered) say('unnamed', `before the cut: ${problem(cause)}`);
  }
  const through = rig.box.powered;
  const cutImage = rig.flash.image();
  rig.flash.cutAfter(undefined);
  meddle?.(rig);
  try {
    recover(rig, cut);
    linkIfLoaded(rig);
    deed.goOn(rig, cutImage, say);
  } catch (cause) {
    say('unnamed', problem(cause));
  }
  for (const stop of rig.events.stops) if (stop !== 'power_cut') say('unnamed', stop);
  return { through, harms };
}

function wordsOf(deed: Deed): number {
  const rig = twin(deed.base);
  linkIfLoaded(rig);
  deed.arrange(rig);
  const before = rig.flash.writes;
  deed.run(rig);
  return rig.flash.writes - before;
}

export interface CampaignResult {
  readonly deed: DeedName;
  /** flash words (and quarters of erasures) of the whole deed */
  readonly words: number;
  readonly cuts: number;
  readonly doubleCuts: number;
  readonly lost: number;
  readonly doubled: number;
  readonly unnamed: number;
  /** The first few, as a report. */
  readonly examples: readonly string[];
}

export interface CampaignOptions {
  readonly tears: readonly Tear[];
  /** Every how many words; 1 is every word. */
  readonly stride: number;
  /** Every how many words the recovery is cut as well; 0 is never. */
  readonly doubleStride: number;
  /** Begins at this part of the deed's words, found by a run without a cut. */
  readonly from?: number;
  /** Damage done between cut and recovery: the judge must see it. */
  readonly meddle?: (rig: Rig) => void;
}

const EXAMPLES_MAX = 10;
/** A recovery of the cast writes some 150 words; the second cut falls anywhere within, or after it. */
const RECOVERY_WORDS = 160;

/** Every word of one deed, in every tear asked for. */
export async function sweepDeed(name: DeedName, options: CampaignOptions): Promise<CampaignResult> {
  const deed = await makeDeed(name);
  const sums = { cuts: 0, doubleCuts: 0, lost: 0, doubled: 0, unnamed: 0 };
  const examples: string[] = [];
  const take = (cut: Cut): boolean => {
    const { through, harms } = tryCut(deed, cut, options.meddle);
    sums.cuts++;
    for (const kind of new Set(harms.map((harm) => harm.kind))) sums[kind]++;
    if (harms.length > 0 && examples.length < EXAMPLES_MAX)
      examples.push(
        `${name} ${JSON.stringify(cut)}: ${harms.map(({ kind, what }) => `${kind}: ${what}`).join('; ')}`,
      );
    return through;
  };
  let words = options.from === undefined ? 0 : Math.floor(wordsOf(deed) * options.from);
  for (; words < CUTS_MAX; words += options.stride) {
    const through = options.tears.map((tear) => take({ word: words, tear }));
    if (through.every((one) => one)) break;
    if (options.doubleStride > 0 && words % options.doubleStride === 0) {
      const random = seeded(words + 77);
      take({
        word: words,
        tear: options.tears[random() % options.tears.length] as Tear,
        again: random() % RECOVERY_WORDS,
      });
      sums.doubleCuts++;
    }
  }
  if (words >= CUTS_MAX) throw new Error(`the sweep of ${name} did not end`);
  return { deed: name, words, ...sums, examples };
}
