/**
 * Two offices spell one place in two ways ("Kurdestan", "Kurdistan"). A name is matched with its own spelling first;
 * what is left over is matched only where each is the other's one nearest, and every such match is told. Pure.
 */

/** More letters than this apart are two names, not two spellings. */
export const SPELLING_DISTANCE_MAX = 3;

/** Letters and digits only, without case: "&" and "and", hyphens and spaces make no difference. */
export const plainName = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('&', 'and')
    .replaceAll('ي', 'ی')
    .replaceAll('ك', 'ک')
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Levenshtein's: letters inserted, left out or exchanged. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let k = 1; k <= b.length; k++)
      next.push(
        Math.min(
          (row[k] as number) + 1,
          (next[k - 1] as number) + 1,
          (row[k - 1] as number) + Number(a[i - 1] !== b[k - 1]),
        ),
      );
    row = next;
  }
  return row[b.length] as number;
}

/** The one nearest of `others`, if it is near enough and no other is as near. */
function nearest(name: string, others: readonly string[]): string | undefined {
  const ranked = others
    .map((other) => ({ other, distance: editDistance(plainName(name), plainName(other)) }))
    .sort((a, b) => a.distance - b.distance);
  const [first, second] = ranked;
  if (first === undefined || first.distance > SPELLING_DISTANCE_MAX) return undefined;
  return second !== undefined && second.distance === first.distance ? undefined : first.other;
}

/** @returns name in `theirs` → name in `ours`, only for those that are spelled in another way */
export function matchSpellings(
  ours: readonly string[],
  theirs: readonly string[],
): ReadonlyMap<string, string> {
  const left = ours.filter((name) => !theirs.includes(name));
  const wanting = theirs.filter((name) => !ours.includes(name));
  const matched = new Map<string, string>();
  for (const name of wanting) {
    const candidate = nearest(name, left);
    if (candidate !== undefined && nearest(candidate, wanting) === name) matched.set(name, candidate);
  }
  return matched;
}
