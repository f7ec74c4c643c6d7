/**
 * One admission a round across stations. A request is judged whole; requests that wait together are written in one
 * transaction, and no answer leaves before it is on the disk. Nothing of a person is ever logged.
 */
import {
  admissionSubject,
  amendmentsInForce,
  applyClaim,
  type Bytes,
  CLAIM_OTHERS_MAX,
  CLAIM_REQUEST_BYTES_MAX,
  type Crypto,
  checkSignature,
  compareBytes,
  equalBytes,
  failure,
  INTAKE_SUBJECT,
  isAdmissionSubject,
  type Provisioning,
  parseTyped,
  type Result,
  records,
  type StationId,
  signTyped,
  stationDirectory,
  stationUnder,
  success,
  toHex,
} from '@sandoq/protocol';
import type { Refusal } from '../web/refusal.ts';
import type { ClaimStore, ClaimSums, Round } from './store.ts';

/** Requests that wait for one transaction; more are told to come again. */
export const REQUESTS_WAITING_MAX = 4096;

export interface ClaimsOptions {
  readonly store: ClaimStore;
  readonly crypto: Crypto;
  /** signs the answers: the intake key that the package names */
  readonly secretKey: Bytes;
  readonly now: () => number;
  /** a station proved itself; the time is coarse, so that it does not tell when the last person was admitted */
  readonly onSeen: (provisioning: Provisioning, station: string, bucket: number) => void;
}

export interface Claims {
  /** @returns the signed ClaimAnswer, durable; or why the request is not one */
  receive(provisioning: Provisioning, bytes: Bytes): Promise<Result<Bytes, Refusal>>;
  sums(provisioning: Provisioning): ClaimSums;
  close(): void;
}

interface Waiting {
  readonly provisioning: Provisioning;
  readonly round: Round;
  readonly request: records.ClaimRequest;
  readonly digest: Bytes;
  readonly resolve: (result: Result<Bytes, Refusal>) => void;
  readonly reject: (cause: unknown) => void;
}

type Judged = { readonly request: records.ClaimRequest; readonly payload: Bytes };

function judge(
  { crypto, now }: ClaimsOptions,
  provisioning: Provisioning,
  bytes: Bytes,
): Result<Judged, Refusal> {
  const parsed = parseTyped(bytes, 'claim-request', records.claimRequestShape, CLAIM_REQUEST_BYTES_MAX);
  if (!parsed.ok)
    return failure({
      status: 400,
      code: 'claim_malformed',
      at: parsed.fault.code,
      wanted: parsed.fault.wanted,
    });
  const { record, value } = parsed.value;
  const at = now();
  const amendments = amendmentsInForce(provisioning, at);
  const station = stationUnder(provisioning, amendments, value.stationId as StationId);
  if (station === undefined) return failure({ status: 404, code: 'station_unknown', at: 'stationId' });
  const directory = stationDirectory(provisioning, station);
  const signature =
    isAdmissionSubject(station.id, record.signer) &&
    checkSignature(crypto, directory, provisioning.election, at, record).ok;
  if (!signature)
    return failure({
      status: 403,
      code: 'claim_signature_invalid',
      at: 'signature',
      wanted: admissionSubject(station.id),
    });
  if (provisioning.package.demonstration && value.mode === 'official')
    return failure({ status: 403, code: 'official_refused', at: 'mode', wanted: 'rehearsal' });
  for (const [i, claim] of value.claims.entries()) {
    const before = value.claims[i - 1];
    if (claim.turn < 1 || (before !== undefined && compareBytes(before.person, claim.person) >= 0))
      return failure({
        status: 400,
        code: 'claim_malformed',
        at: `claims[${i}]`,
        wanted: 'a turn from 1, persons in ascending order, each once',
      });
  }
  return success({ request: value, payload: record.payload });
}

/** @throws where the store fails: then nothing of the transaction is kept, and no answer is given */
function apply(store: ClaimStore, { provisioning, round, request }: Waiting): records.ClaimVerdictLine[] {
  const admittedAt = (station: string, bucket: number): records.AdmittedAt => ({
    stationId: station,
    name: provisioning.stations.get(station as StationId)?.name ?? { fa: station, en: station },
    bucket,
  });
  const claimant = { station: request.stationId, journal: toHex(request.journal) };
  return request.claims.map((claim) => {
    const outcome = applyClaim(store.held(round, claim.person), claimant, claim);
    if (outcome.write !== undefined) store.put(round, claim.person, outcome.write);
    const named = outcome.verdict === 'elsewhere' || outcome.verdict === 'doubled' ? outcome.others : [];
    return {
      verdict: outcome.verdict,
      others: named.slice(0, CLAIM_OTHERS_MAX).map((line) => admittedAt(line.station, line.bucket)),
    };
  });
}

class ClaimsOfProvince implements Claims {
  readonly #options: ClaimsOptions;
  #waiting: Waiting[] = [];

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  receive(provisioning: Provisioning, bytes: Bytes): Promise<Result<Bytes, Refusal>> {
    const judged = judge(this.#options, provisioning, bytes);
    if (!judged.ok) return Promise.resolve(judged);
    if (this.#waiting.length >= REQUESTS_WAITING_MAX)
      return Promise.resolve(failure({ status: 429, code: 'too_many_requests' }));
    const { request, payload } = judged.value;
    return new Promise((resolve, reject) => {
      const round = { election: provisioning.election, mode: request.mode };
      const digest = this.#options.crypto.sha256(payload);
      this.#waiting.push({ provisioning, round, request, digest, resolve, reject });
      // Whatever arrived in the same turn of the event loop shares the disk's syncs.
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const { store, now, onSeen } = this.#options;
    let results: Result<records.ClaimVerdictLine[], Refusal>[];
    try {
      results = store.transaction(() => waiting.map((one) => this.#applyOne(one)));
    } catch (cause) {
      for (const one of waiting) one.reject(cause);
      return;
    }
    for (const [i, one] of waiting.entries()) {
      const result = results[i] as (typeof results)[number];
      if (!result.ok) {
        one.resolve(result);
        continue;
      }
      const at = now();
      onSeen(
        one.provisioning,
        one.request.stationId,
        at - (at % (one.provisioning.package.settings.timeBucketMinutes * 60 || 1)),
      );
      one.resolve(success(this.#answer(one, result.value)));
    }
  }

  /** Two round keys in one round would find no double between them: the second is refused by name. */
  #applyOne(one: Waiting): Result<records.ClaimVerdictLine[], Refusal> {
    const { store } = this.#options;
    const known = store.keyCheck(one.round.election);
    if (known === undefined) store.setKeyCheck(one.round.election, one.request.keyCheck);
    else if (!equalBytes(known, one.request.keyCheck))
      return failure({ status: 409, code: 'round_key_differs', at: 'keyCheck' });
    return success(apply(store, one));
  }

  #answer({ provisioning, digest }: Waiting, verdicts: readonly records.ClaimVerdictLine[]): Bytes {
    return signTyped(
      this.#options.crypto,
      this.#options.secretKey,
      { type: 'claim-answer', election: provisioning.election, signer: INTAKE_SUBJECT },
      records.claimAnswerShape,
      { requestDigest: digest, verdicts },
    );
  }

  sums(provisioning: Provisioning): ClaimSums {
    const mode = provisioning.package.demonstration ? 'rehearsal' : 'official';
    return this.#options.store.sums({ election: provisioning.election, mode });
  }

  close(): void {
    this.#flush();
    this.#options.store.compact();
    this.#options.store.close();
  }
}

export const createClaims = (options: ClaimsOptions): Claims => new ClaimsOfProvince(options);
