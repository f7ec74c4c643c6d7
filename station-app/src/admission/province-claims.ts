/**
 * Claims at the province. One person at the desk is asked for at once, with a short deadline; whatever the journal owes
 * goes behind, in batches whose order says nothing. When nobody answers, the line counts as dead until a probe is
 * answered: the next voter does not wait for it.
 */
import {
  admissionSubject,
  type Bytes,
  CLAIM_ANSWER_BYTES_MAX,
  CLAIM_CHALLENGE_BYTES,
  CLAIMS_BATCH_MAX,
  type Crypto,
  checkSignature,
  claimKeyCheck,
  compareBytes,
  type ElectionId,
  equalBytes,
  type KeyDirectory,
  parseTyped,
  personDigest,
  type RandomBytes,
  records,
  signTyped,
} from '@sandoq/protocol';
import type { Clock } from '../devices/clock.ts';
import type { ClaimsLine } from '../sync/claims-line.ts';
import {
  type ClaimAnswer,
  type Claims,
  type ClaimsSeam,
  type OpenClaims,
  owedStep,
  type ProvinceLine,
} from './claims.ts';
import type { Journal } from './journal.ts';
import type { Admission } from './journal-cell.ts';
import type { Terminals } from './terminals/terminals.ts';

/** The person stands at the desk; a line that takes longer than this is no line. */
export const CLAIM_TIMEOUT_MS = 1_500;
export const BATCH_TIMEOUT_MS = 20_000;
/** A dead line is tried again: doubling from the first to the second, half of it random. */
export const PROBE_MIN_MS = 1_000;
export const PROBE_MAX_MS = 15_000;
/** An idle line is asked this often, so that its death is known before the next voter. */
export const HEARTBEAT_MS = 20_000;

export interface ProvinceClaimsOptions {
  readonly election: ElectionId;
  readonly stationId: string;
  readonly directory: KeyDirectory;
  readonly crypto: Crypto;
  readonly random: RandomBytes;
  readonly clock: Clock;
  /** of the admission device */
  readonly secretKey: Bytes;
  readonly roundKey: Bytes;
  readonly journal: Journal;
  /** several terminals: under which name each line is claimed, and who tells of it */
  readonly terminals?: Pick<Terminals, 'here' | 'claimantOf' | 'tells'> | undefined;
  readonly wire: ClaimsLine;
}

type Exchanged =
  | { readonly ok: true; readonly verdicts: readonly records.ClaimVerdictLine[] }
  | { readonly ok: false; readonly code: NonNullable<ProvinceLine['code']> };

class ProvinceClaims implements Claims {
  readonly #options: ProvinceClaimsOptions;
  readonly #seam: ClaimsSeam;
  readonly #keyCheck: Bytes;
  #line: ProvinceLine = { state: 'connecting', code: null };
  #tries = 0;
  #running: Promise<void> | undefined;
  #isOwed = true;
  #cancelTimer = (): void => undefined;
  #closed = false;

  constructor(options: ProvinceClaimsOptions, seam: ClaimsSeam) {
    this.#options = options;
    this.#seam = seam;
    this.#keyCheck = claimKeyCheck(options.crypto, options.roundKey, options.election);
    this.#after(0);
  }

  line(): ProvinceLine {
    return this.#line;
  }

  async claim(
    person: Pick<Admission, 'nationalCode' | 'turn' | 'bucket' | 'terminal' | 'apart'>,
  ): Promise<ClaimAnswer> {
    const { state } = this.#line;
    if (this.#closed || state === 'lost' || state === 'fault') return { kind: 'unreachable', sent: false };
    const { nationalCode, turn, bucket } = person;
    const step = 'claim' as const;
    const answer = await this.#exchange(
      [{ person: this.#digest(nationalCode), turn, step, bucket }],
      this.#claimantOf(person),
      CLAIM_TIMEOUT_MS,
    );
    const line = answer.ok ? answer.verdicts[0] : undefined;
    if (line?.verdict === 'granted') return { kind: 'granted' };
    const other = line?.verdict === 'elsewhere' ? line.others[0] : undefined;
    if (other !== undefined)
      return {
        kind: 'admitted_elsewhere',
        elsewhere: { station: other.stationId, name: other.name, bucket: other.bucket },
      };
    return { kind: 'unreachable', sent: true };
  }

  owed(): void {
    this.#isOwed = true;
    if (this.#line.state === 'connected' || this.#line.state === 'connecting') this.#after(0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer();
    this.#options.wire.close();
    await this.#running;
  }

  #digest(nationalCode: string): Bytes {
    const { crypto, roundKey, election } = this.#options;
    return personDigest(crypto, roundKey, election, nationalCode);
  }

  #after(delayMs: number): void {
    this.#cancelTimer();
    if (this.#closed) return;
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#running ??= this.#tell()
        .catch((cause: unknown) => {
          // The journal could not be written: what was told is told again, which changes nothing at the province.
          this.#seam.failed(cause);
          this.#after(PROBE_MAX_MS);
        })
        .finally(() => {
          this.#running = undefined;
        });
    });
  }

  /** Tells what is owed, batch by batch, or only asks whether anybody is there. */
  async #tell(): Promise<void> {
    while (!this.#closed && this.#options.journal.station().mode !== null) {
      this.#isOwed = false;
      const { journal, terminals } = this.#options;
      const owed = journal
        .admissions()
        .filter((one) => owedStep(one) !== undefined && terminals?.tells(one) !== false);
      // One request speaks in one name.
      const name = owed[0] === undefined ? journal.id() : this.#claimantOf(owed[0]);
      const batch = owed.filter((one) => equalBytes(this.#claimantOf(one), name)).slice(0, CLAIMS_BATCH_MAX);
      if (!(await this.#tellBatch(batch, name))) return;
      if (batch.length === owed.length && !this.#isOwed) break;
    }
    if (this.#line.state === 'connected' || this.#options.journal.station().mode === null)
      this.#after(HEARTBEAT_MS);
  }

  #claimantOf(line: Pick<Admission, 'terminal' | 'apart'>): Bytes {
    const { terminals, journal } = this.#options;
    return terminals === undefined ? journal.id() : terminals.claimantOf(line);
  }

  async #tellBatch(batch: readonly Admission[], claimant: Bytes): Promise<boolean> {
    const lines = batch
      .map((admission) => ({
        admission,
        claim: {
          person: this.#digest(admission.nationalCode),
          turn: admission.turn,
          step: owedStep(admission) as records.ClaimStep,
          bucket: admission.bucket,
        },
      }))
      .sort((a, b) => compareBytes(a.claim.person, b.claim.person));
    const answer = await this.#exchange(
      lines.map((line) => line.claim),
      claimant,
      BATCH_TIMEOUT_MS,
    );
    if (!answer.ok) return false;
    const { journal } = this.#options;
    const told = lines.flatMap(({ admission }, i): Admission[] => {
      const now = journal.lineOf(admission);
      // What has changed meanwhile is told again as it is now.
      if (now === undefined || now.turn !== admission.turn || now.state !== admission.state) return [];
      const doubled = answer.verdicts[i]?.verdict === 'doubled';
      return [{ ...now, doubled, told: now.state === 'admitted' ? 'claimed' : 'released' }];
    });
    journal.update(told);
    if (told.length > 0) this.#seam.changed();
    return true;
  }

  async #exchange(claims: readonly records.Claim[], claimant: Bytes, timeoutMs: number): Promise<Exchanged> {
    const { crypto, random, wire, election, stationId, secretKey, journal } = this.#options;
    const { mode } = journal.station();
    if (mode === null) throw new Error('a claim before opening');
    const request = signTyped(
      crypto,
      secretKey,
      { type: 'claim-request', election, signer: admissionSubject(stationId, this.#options.terminals?.here) },
      records.claimRequestShape,
      {
        stationId,
        mode,
        keyCheck: this.#keyCheck,
        challenge: random(CLAIM_CHALLENGE_BYTES),
        claims,
        journal: claimant,
      },
    );
    const read = (answer: Bytes): Exchanged => this.#read(request, claims.length, answer);
    const sent = await wire.send(request, timeoutMs, (answer) => read(answer).ok);
    let result: Exchanged;
    if (sent.kind === 'answered') result = read(sent.answer);
    else if (sent.kind === 'unreachable') result = { ok: false, code: 'province_unreachable' };
    else
      result = {
        ok: false,
        code: sent.code === 'round_key_differs' ? 'round_key_differs' : 'claims_refused',
      };
    this.#settle(result.ok ? { state: 'connected', code: null } : lineOf(result.code));
    return result;
  }

  /** Only the province's signed word on exactly this request counts: nobody on the line can grant or refuse. */
  #read(request: Bytes, count: number, bytes: Bytes): Exchanged {
    const { crypto, directory, election, clock } = this.#options;
    const asked = parseTyped(request, 'claim-request', records.claimRequestShape);
    const answer = parseTyped(bytes, 'claim-answer', records.claimAnswerShape, CLAIM_ANSWER_BYTES_MAX);
    if (!asked.ok || !answer.ok) return { ok: false, code: 'claims_refused' };
    const { record, value } = answer.value;
    const at = Math.floor(clock.nowMs() / 1000);
    const holds =
      checkSignature(crypto, directory, election, at, record).ok &&
      equalBytes(value.requestDigest, crypto.sha256(asked.value.record.payload)) &&
      value.verdicts.length === count;
    return holds ? { ok: true, verdicts: value.verdicts } : { ok: false, code: 'claims_refused' };
  }

  #settle(line: ProvinceLine): void {
    if (this.#closed) return;
    const before = this.#line;
    this.#line = line;
    if (line.state === 'connected') {
      this.#tries = 0;
      if (before.state !== 'connected') {
        this.#seam.note({ event: 'province_reached' });
        this.#seam.changed();
        if (this.#running === undefined) this.#after(0);
      }
      return;
    }
    if (before.state !== line.state || before.code !== line.code) {
      this.#seam.note({ event: 'province_lost', ...(line.code === null ? {} : { refusal: line.code }) });
      this.#seam.changed();
    }
    const [random] = this.#options.random(1);
    const full = Math.min(PROBE_MAX_MS, PROBE_MIN_MS * 2 ** Math.min(this.#tries++, 10));
    this.#after(full / 2 + ((full / 2) * (random as number)) / 256);
  }
}

const lineOf = (code: NonNullable<ProvinceLine['code']>): ProvinceLine => ({
  state: code === 'province_unreachable' ? 'lost' : 'fault',
  code,
});

export const provinceClaims =
  (options: ProvinceClaimsOptions): OpenClaims =>
  (seam) =>
    new ProvinceClaims(options, seam);
