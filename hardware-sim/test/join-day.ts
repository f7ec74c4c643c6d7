/** A station's whole day through every process, everything that is left of it, and the truth, noted in the room. */
import { copyFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, personDigest, toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { ROUND_KEY_FILE } from '@sandoq/station-app';
import Database from 'better-sqlite3';
import { closeStation, openStation, voteAll } from '../rig/hands.ts';
import {
  attackAll,
  filesUnder,
  type HeldFile,
  type JoinFigures,
  type Token,
  type Truth,
} from './join-attacks.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';

/** Head of a sealed record: the key of its outer layer, which is in no other. */
const SEALED_HEAD_BYTES = 32;
const NAME_BYTES = 16;

export interface JoinDay {
  readonly rehearsal: Rehearsal;
  readonly files: () => readonly HeldFile[];
  readonly voters: readonly Token[];
  readonly records: readonly Token[];
  readonly truth: Truth;
  attack(): JoinFigures;
}

/** What stands in the store's slots: copied while nothing is written, as no attacker with one snapshot can. */
function sealedIn(path: string, scratch: string): readonly string[] {
  copyFileSync(path, scratch);
  const database = new Database(scratch, { readonly: true });
  const bodies = database.prepare('SELECT body FROM slot').pluck().all() as Buffer[];
  database.close();
  rmSync(scratch);
  return bodies.filter((body) => body[0] === 1).map((body) => body.toString('hex'));
}

function recordToken(bodyHex: string, sealedBytes: number): Token {
  const body = fromHex(bodyHex) as Uint8Array;
  const sealed = body.slice(1, 1 + sealedBytes);
  const name = nodeCrypto.sha256(sealed).slice(0, NAME_BYTES);
  return {
    id: toHex(name),
    spellings: {
      'sealed bytes': sealed.slice(0, SEALED_HEAD_BYTES),
      'sealed bytes as hex': Buffer.from(toHex(sealed.slice(0, SEALED_HEAD_BYTES))),
      name,
      'name as hex': Buffer.from(toHex(name)),
    },
  };
}

function voterToken(nationalCode: string, election: string, roundKey: Uint8Array): Token {
  const cell = Buffer.alloc(5);
  cell.writeUIntBE(Number(nationalCode), 0, 5);
  const digest = personDigest(nodeCrypto, roundKey, election, nationalCode);
  return {
    id: nationalCode,
    spellings: {
      'national code': Buffer.from(nationalCode),
      'national code as bytes': cell,
      'digest at the province': digest,
      'digest as hex': Buffer.from(toHex(digest)),
    },
  };
}

const SIGNATURE_BYTES = 64;

/** Ends with every process stopped: what lies there is what is found after the day. */
export async function joinDay(voters: number, seed: number): Promise<JoinDay> {
  const rehearsal = await rehearse(voters, seed);
  const hands = await rehearsal.open();
  await openStation(hands);
  const { station } = hands;
  const { folders, plan, root, provisioned } = rehearsal;
  const planned = [...(plan.stations[0] as (typeof plan.stations)[number]).deal()];
  const store = join(folders.voting(station), 'records.sqlite');
  const bodies: string[][] = [];
  const seen = new Set<string>();
  await voteAll(hands, planned, () => {
    const fresh = sealedIn(store, join(root, '..', `join-${process.pid}.sqlite`)).filter(
      (body) => !seen.has(body),
    );
    for (const body of fresh) seen.add(body);
    bodies.push(fresh);
  });
  await closeStation(hands, true);
  await hands.cores.stop();
  await rehearsal.stopAll();

  const roundKey = new Uint8Array(
    filesUnder(folders.admission(station)).find(({ name }) => name === ROUND_KEY_FILE)?.bytes ?? [],
  );
  const tokens = planned.map(({ national_code }) =>
    voterToken(national_code, provisioned.election, roundKey),
  );
  const ownerOf = new Map<string, string>();
  const records: Token[] = [];
  for (const [i, fresh] of bodies.entries())
    for (const body of fresh) {
      const token = recordToken(body, body.length / 2 - 1 - SIGNATURE_BYTES);
      records.push(token);
      ownerOf.set(token.id, (planned[i] as (typeof planned)[number]).national_code);
    }
  const truth: Truth = {
    queue: planned.map(({ national_code }) => national_code),
    ownerOf,
    choiceOf: new Map(
      planned.map(({ national_code, choices }) => [national_code, JSON.stringify(choices[0])]),
    ),
  };
  const files = (): readonly HeldFile[] => filesUnder(root);
  return {
    rehearsal,
    files,
    voters: tokens,
    records,
    truth,
    attack: () => attackAll(files(), tokens, records, truth),
  };
}

export const PLANTS = ['fine_time', 'row_order', 'file_times', 'voters_only'] as const;
export type Plant = (typeof PLANTS)[number];

/** A leak as a careless hand would make it. @returns what takes it away again */
export function plant(day: JoinDay, kind: Plant): () => void {
  const { rehearsal, truth, records } = day;
  const station = (rehearsal.plan.stations[0] as (typeof rehearsal.plan.stations)[number]).id;
  const voting = rehearsal.folders.voting(station);
  const admission = rehearsal.folders.admission(station);
  const at = (i: number): number => 1_795_000_000_000 + i * 37_123;
  const recordsAt = records.map(({ id }) => ({
    id,
    order: truth.queue.indexOf(truth.ownerOf.get(id) as string),
  }));
  const made: string[] = [];
  const write = (path: string, lines: readonly string[]): void => {
    writeFileSync(path, `${lines.join('\n')}\n`);
    made.push(path);
  };
  // In an order that says nothing: only the number in the line does.
  const scrambled = (lines: readonly string[]): readonly string[] =>
    lines.toSorted((a, b) =>
      toHex(nodeCrypto.sha256(Buffer.from(a))) < toHex(nodeCrypto.sha256(Buffer.from(b))) ? -1 : 1,
    );
  if (kind === 'fine_time') {
    write(join(admission, 'debug.log'), scrambled(truth.queue.map((code, i) => `${at(i)} admitted ${code}`)));
    write(
      join(voting, 'debug.log'),
      scrambled(recordsAt.map(({ id, order }) => `${at(order) + 60_000} stored ${id}`)),
    );
  } else if (kind === 'row_order')
    write(
      join(voting, 'journal-remnant'),
      recordsAt.map(({ id }) => id),
    );
  else if (kind === 'file_times') {
    const folder = join(voting, 'spool');
    mkdirSync(folder);
    made.push(folder);
    for (const { id, order } of recordsAt) {
      const path = join(folder, `${id}.ballot`);
      writeFileSync(path, '');
      utimesSync(path, at(order) / 1000, at(order) / 1000);
    }
  } else
    write(
      join(admission, 'who-came.log'),
      truth.queue.map((code, i) => `${at(i)} ${code}`),
    );
  return () => {
    for (const path of made) rmSync(path, { recursive: true, force: true });
  };
}
