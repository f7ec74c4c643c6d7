/**
 * Whoever holds everything that a station and the province keep, against the secrecy of the vote: every way to put the
 * voters in an order, and every way to put the sealed records in an order, laid beside each other. Granted to the
 * attacker: every key, every file with its bytes, freed pages and times, the order of the queue from somebody in the
 * room, and from somebody at the province's line when each claim came.
 */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import Database from 'better-sqlite3';

/** Something that can be recognised in files: a voter, or a sealed record. */
export interface Token {
  readonly id: string;
  /** as bytes that would stand for it */
  readonly spellings: Readonly<Record<string, Uint8Array>>;
}

export interface Order {
  readonly how: string;
  /** ids, in this order; those that it does not show are missing */
  readonly ids: readonly string[];
}

export interface HeldFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: Buffer;
  readonly modifiedMs: number;
}

/** An order that shows fewer of them than this is no order of them. */
const SHOWN_MIN = 0.8;
/** The records of one vote may share a time; a whole hour's that share one are in no order. */
const DISTINCT_MIN = 0.25;
/** Kendall's tau over all pairs, in standard deviations: one in three million by chance. */
export const LEAK_DEVIATIONS = 5;

export function filesUnder(folder: string): readonly HeldFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return {
        name: relative(folder, path),
        path,
        bytes: readFileSync(path),
        modifiedMs: statSync(path).mtimeMs,
      };
    });
}

const sorted = (how: string, keys: ReadonlyMap<string, number>, of: number): Order[] => {
  const distinct = new Set(keys.values()).size;
  if (keys.size < SHOWN_MIN * of || distinct < DISTINCT_MIN * of) return [];
  return [{ how, ids: [...keys].sort((a, b) => a[1] - b[1]).map(([id]) => id) }];
};

/** Where each stands in a file: rows, cells, freed pages, remnants of a journal, lines of a log. */
function byPosition(file: HeldFile, tokens: readonly Token[]): Order[] {
  const spellings = Object.keys(tokens[0]?.spellings ?? {});
  return spellings.flatMap((spelling) => {
    const first = new Map<string, number>();
    const last = new Map<string, number>();
    for (const token of tokens) {
      const bytes = token.spellings[spelling] as Uint8Array;
      const at = file.bytes.indexOf(bytes);
      if (at === -1) continue;
      first.set(token.id, at);
      last.set(token.id, file.bytes.lastIndexOf(bytes));
    }
    return [
      ...sorted(`${file.name}: first place of ${spelling}`, first, tokens.length),
      ...sorted(`${file.name}: last place of ${spelling}`, last, tokens.length),
    ];
  });
}

const NUMBER = /\d+(?:\.\d+)?/g;

/** Whatever number stands in the same line: a time, a counter. */
function byNumbersInLines(file: HeldFile, tokens: readonly Token[]): Order[] {
  if (file.bytes.includes(0)) return [];
  const columns: Map<string, number>[] = [];
  for (const line of file.bytes.toString('latin1').split('\n')) {
    const token = tokens.find(({ spellings }) =>
      Object.values(spellings).some((bytes) => line.includes(Buffer.from(bytes).toString('latin1'))),
    );
    if (token === undefined) continue;
    for (const [i, text] of [...line.matchAll(NUMBER)].entries()) {
      columns[i] ??= new Map();
      columns[i].set(token.id, Number(text[0]));
    }
  }
  return columns.flatMap((keys, i) => sorted(`${file.name}: number ${i} in the line`, keys, tokens.length));
}

/** Whatever number stands in the same row of a table. */
function byColumns(file: HeldFile, tokens: readonly Token[]): Order[] {
  if (!file.name.endsWith('.sqlite')) return [];
  const folder = mkdtempSync(join(tmpdir(), 'sandoq-join-'));
  try {
    const copy = join(folder, 'copy.sqlite');
    copyFileSync(file.path, copy);
    const database = new Database(copy, { readonly: true });
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .pluck()
      .all() as string[];
    const orders = tables.flatMap((table) => {
      const columns = new Map<string, Map<string, number>>();
      for (const row of database.prepare(`SELECT * FROM "${table}"`).iterate() as IterableIterator<
        Record<string, unknown>
      >) {
        const blobs = Object.values(row).flatMap((value) =>
          typeof value === 'string' ? [Buffer.from(value)] : Buffer.isBuffer(value) ? [value] : [],
        );
        const token = tokens.find(({ spellings }) =>
          Object.values(spellings).some((bytes) => blobs.some((blob) => blob.includes(Buffer.from(bytes)))),
        );
        if (token === undefined) continue;
        for (const [column, value] of Object.entries(row)) {
          if (typeof value !== 'number') continue;
          const keys = columns.get(column) ?? new Map<string, number>();
          columns.set(column, keys.set(token.id, value));
        }
      }
      return [...columns].flatMap(([column, keys]) =>
        sorted(`${file.name}: column ${table}.${column}`, keys, tokens.length),
      );
    });
    database.close();
    return orders;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file for each: when it was last written. */
function byFileTimes(files: readonly HeldFile[], tokens: readonly Token[]): Order[] {
  const keys = new Map<string, number>();
  for (const file of files) {
    const inside = tokens.filter(({ spellings }) =>
      Object.values(spellings).some(
        (bytes) =>
          file.bytes.includes(Buffer.from(bytes)) ||
          file.name.includes(Buffer.from(bytes).toString('latin1')),
      ),
    );
    const [only, ...more] = inside;
    if (only !== undefined && more.length === 0) keys.set(only.id, file.modifiedMs);
  }
  return sorted('times of files', keys, tokens.length);
}

export const ordersIn = (files: readonly HeldFile[], tokens: readonly Token[]): readonly Order[] => [
  ...files.flatMap((file) => [
    ...byPosition(file, tokens),
    ...byNumbersInLines(file, tokens),
    ...byColumns(file, tokens),
  ]),
  ...byFileTimes(files, tokens),
];

export interface Truth {
  /** voters in the order of the queue */
  readonly queue: readonly string[];
  /** record → voter */
  readonly ownerOf: ReadonlyMap<string, string>;
  /** voter → what she chose, as text */
  readonly choiceOf: ReadonlyMap<string, string>;
}

export interface Attack {
  readonly voters: string;
  readonly records: string;
  /** of the records, those given to their own voter; by chance 1 / voters */
  readonly joined: number;
  /** of the records, those whose first choice is that of the voter to whom they were given */
  readonly choices_guessed: number;
  /** Kendall's tau of the two orders, in standard deviations */
  readonly deviations: number;
}

/** Lays one order of voters beside one order of records: the i-th part of the one to the i-th of the other. */
export function lay(voters: Order, records: Order, truth: Truth): Attack {
  const rank = new Map(voters.ids.map((id, i) => [id, i]));
  const owners = records.ids.flatMap((id) => {
    const owner = truth.ownerOf.get(id);
    return owner !== undefined && rank.has(owner) ? [owner] : [];
  });
  const share = owners.length / voters.ids.length;
  let joined = 0;
  let guessed = 0;
  let concordance = 0;
  for (const [position, owner] of owners.entries()) {
    const guess = voters.ids[Math.min(voters.ids.length - 1, Math.floor(position / share))] as string;
    if (guess === owner) joined++;
    if (truth.choiceOf.get(guess) === truth.choiceOf.get(owner)) guessed++;
    for (const later of owners.slice(position + 1))
      concordance += Math.sign((rank.get(later) as number) - (rank.get(owner) as number));
  }
  const n = owners.length;
  const deviation = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  return {
    voters: voters.how,
    records: records.how,
    joined: n === 0 ? 0 : joined / n,
    choices_guessed: n === 0 ? 0 : guessed / n,
    deviations: deviation === 0 ? 0 : concordance / deviation,
  };
}

export interface JoinFigures {
  readonly voters: number;
  readonly records: number;
  readonly orders_of_voters: number;
  readonly orders_of_records: number;
  readonly attacks: number;
  /** what chance alone joins, and what the order of the queue in the room is worth with one snapshot */
  readonly chance_joined: number;
  readonly baseline_queue_joined: number;
  /** whoever knows the published sums guesses the commonest choice for everybody */
  readonly baseline_choices_guessed: number;
  readonly best_joined: number;
  readonly best_choices_guessed: number;
  readonly best_deviations: number;
  readonly leaks: readonly Attack[];
}

export function attackAll(
  files: readonly HeldFile[],
  voters: readonly Token[],
  records: readonly Token[],
  truth: Truth,
): JoinFigures {
  const ordersOfVoters: Order[] = [
    { how: 'the queue, seen in the room or at the province’s line', ids: truth.queue },
    ...ordersIn(files, voters),
  ];
  const byName: Order = {
    how: 'names of the records',
    ids: records.map(({ id }) => id).sort(),
  };
  const ordersOfRecords = [byName, ...ordersIn(files, records)];
  const forwards = ordersOfVoters.flatMap((a) => ordersOfRecords.map((b) => lay(a, b, truth)));
  const backwards = ordersOfVoters.flatMap((a) =>
    ordersOfRecords.map((b) => lay({ how: `${a.how}, backwards`, ids: a.ids.toReversed() }, b, truth)),
  );
  const attacks = [...forwards, ...backwards];
  const best = (of: (attack: Attack) => number): number => Math.max(0, ...attacks.map(of));
  const choices = new Map<string, number>();
  for (const owner of truth.ownerOf.values()) {
    const choice = truth.choiceOf.get(owner) ?? '';
    choices.set(choice, (choices.get(choice) ?? 0) + 1);
  }
  const queue = forwards.slice(0, ordersOfRecords.length);
  return {
    voters: truth.queue.length,
    records: records.length,
    orders_of_voters: ordersOfVoters.length,
    orders_of_records: ordersOfRecords.length,
    attacks: attacks.length,
    chance_joined: 1 / truth.queue.length,
    baseline_queue_joined: queue.reduce((sum, one) => sum + one.joined, 0) / Math.max(1, queue.length),
    baseline_choices_guessed: Math.max(...choices.values()) / truth.ownerOf.size,
    best_joined: best((attack) => attack.joined),
    best_choices_guessed: best((attack) => attack.choices_guessed),
    best_deviations: best((attack) => attack.deviations),
    leaks: forwards.filter((attack) => Math.abs(attack.deviations) > LEAK_DEVIATIONS),
  };
}
