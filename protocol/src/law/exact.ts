/** Exact arithmetic of ratios: nothing here rounds. */

/** The sign of a × b − c × d, for non-negative safe integers. */
export function compareProducts(a: number, b: number, c: number, d: number): number {
  const left = a * b;
  const right = c * d;
  if (left <= Number.MAX_SAFE_INTEGER && right <= Number.MAX_SAFE_INTEGER) return left - right;
  const difference = BigInt(a) * BigInt(b) - BigInt(c) * BigInt(d);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** a × b ÷ c in whole numbers: a × b = quotient × c + remainder, 0 ≤ remainder < c. */
export function divideProduct(a: number, b: number, c: number): { quotient: number; remainder: number } {
  const product = BigInt(a) * BigInt(b);
  const divisor = BigInt(c);
  return { quotient: Number(product / divisor), remainder: Number(product % divisor) };
}

/** Order of Unicode code points, which is also the order of UTF-8 bytes; the language's own order is UTF-16's. */
export function compareIds(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    // Surrogates stand for code points above every other UTF-16 unit.
    const leftSurrogate = left >= 0xd800 && left <= 0xdfff;
    const rightSurrogate = right >= 0xd800 && right <= 0xdfff;
    if (leftSurrogate !== rightSurrogate) return leftSurrogate ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}
