/**
 * The plainest attack of whoever holds both sides: bytes that stand on both and in nothing public. Raw, and as the
 * hexadecimal text of the other side.
 */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface SharedRun {
  readonly left: string;
  readonly right: string;
  readonly hex: string;
}

/** The same bytes as text: a run of them is twice as long. */
const inHex = ({ name, bytes }: NamedBytes): NamedBytes => ({
  name: `${name} in hex`,
  bytes: Buffer.from(Buffer.from(bytes).toString('hex')),
});

function* windows(bytes: Uint8Array, length: number): Generator<readonly [string, number]> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  for (let at = 0; at + length <= text.length; at++) yield [text.slice(at, at + length), at];
}

/** Runs of text or padding say nothing: at least this many different bytes make an identifier. */
const DIFFERENT_BYTES_MIN = 5;
const isIdentifier = (run: string): boolean => new Set(run).size >= DIFFERENT_BYTES_MIN;

function runsShared(
  left: readonly NamedBytes[],
  right: readonly NamedBytes[],
  known: readonly NamedBytes[],
  runBytes: number,
): readonly SharedRun[] {
  const public_ = new Set<string>();
  for (const one of known) for (const [run] of windows(one.bytes, runBytes)) public_.add(run);
  const byRun = new Map<string, string>();
  for (const one of left)
    for (const [run] of windows(one.bytes, runBytes))
      if (!public_.has(run) && isIdentifier(run)) byRun.set(run, one.name);
  const found: SharedRun[] = [];
  for (const one of right)
    for (const [run] of windows(one.bytes, runBytes)) {
      const name = byRun.get(run);
      if (name !== undefined)
        found.push({ left: name, right: one.name, hex: Buffer.from(run, 'latin1').toString('hex') });
    }
  return found;
}

/**
 * Bytes on both sides, and bytes of one that stand in the other as hexadecimal text.
 * @param known what is public or the same for everybody: package, program texts, empty stores
 */
export function sharedRuns(
  left: readonly NamedBytes[],
  right: readonly NamedBytes[],
  known: readonly NamedBytes[],
  runBytes = 8,
): readonly SharedRun[] {
  const spelled = [...known, ...known.map(inHex)];
  return [
    ...runsShared(left, right, known, runBytes),
    ...runsShared(left.map(inHex), right, spelled, 2 * runBytes),
    ...runsShared(left, right.map(inHex), spelled, 2 * runBytes),
  ];
}
