/** Keys and signatures with torsion in them: what implementations of Ed25519 have disagreed about. */
import { Point } from '@noble/ed25519';
import { concatBytes, fromHex, toHex, utf8 } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';

/** A point of order eight: what is left of a point when the prime order is taken out of it. */
export function torsionPoints(): readonly Point[] {
  for (let i = 0; ; i++) {
    const bytes = nodeCrypto.sha256(utf8(`torsion ${i}`));
    let point: Point;
    try {
      point = Point.fromBytes(bytes, false);
    } catch {
      continue;
    }
    const torsion = point.multiplyUnsafe(Point.CURVE().n - 1n).add(point);
    const multiples = Array.from({ length: 8 }, (_, k) =>
      k === 0 ? Point.ZERO : torsion.multiplyUnsafe(BigInt(k)),
    );
    if (new Set(multiples.map((one) => one.toHex())).size === 8) return multiples;
  }
}

const { n } = Point.CURVE();
const littleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes.slice().reverse())}`);
const scalarBytes = (value: bigint): Uint8Array =>
  (fromHex(value.toString(16).padStart(64, '0')) as Uint8Array).reverse();

export interface CraftedSignature {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** under the cofactorless equation */
  readonly holds: boolean;
  /** of the torsion in the key */
  readonly order: number;
}

/** Keys of every torsion, each with signatures that hold and such that miss by a torsion alone. */
export function* craftedSignatures(): Generator<CraftedSignature> {
  const torsion = torsionPoints();
  const message = utf8('one verdict');
  for (const [order, extra] of torsion.entries()) {
    const secret = 123_456_789n + BigInt(order);
    const publicKey = Point.BASE.multiply(secret).add(extra).toBytes();
    // Half of the signatures are made to hold by a torsion of R against that of the key, the others just miss it.
    for (const [nonce, offset] of [
      [11n, 0],
      [12n, 1],
      [13n, 0],
      [14n, 3],
    ] as const) {
      for (let k = 0; k < torsion.length; k++) {
        const r = Point.BASE.multiply(nonce).add(torsion[k] as Point);
        const challenge = littleEndian(nodeCrypto.sha512(concatBytes(r.toBytes(), publicKey, message))) % n;
        const left = extra
          .multiplyUnsafe(challenge % 8n === 0n ? 8n : challenge % 8n)
          .add(torsion[k] as Point);
        if (!left.equals(torsion[offset] as Point)) continue;
        const signature = concatBytes(r.toBytes(), scalarBytes((nonce + challenge * secret) % n));
        yield { publicKey, message, signature, holds: offset === 0, order };
        break;
      }
    }
  }
}
