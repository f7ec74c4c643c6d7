/** The commitment over a set of sealed records: the Merkle root of the records in order of their names. */
import { type Bytes, compareBytes } from '../codec/bytes.ts';
import { MerkleRoot } from '../codec/merkle.ts';
import type { Crypto } from '../crypto/ports.ts';
import { recordName } from './ballot.ts';

export function setRoot(crypto: Pick<Crypto, 'sha256'>, sealedRecords: readonly Bytes[]): Bytes {
  const named = sealedRecords.map((sealed) => ({ name: recordName(crypto, sealed), sealed }));
  named.sort((a, b) => compareBytes(a.name, b.name));
  const tree = new MerkleRoot();
  for (const { sealed } of named) tree.add(sealed);
  return tree.root();
}
