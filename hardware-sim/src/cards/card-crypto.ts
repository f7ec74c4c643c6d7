/**
 * Cards sign a dozen times a voter with a handful of keys: the bench keeps those keys expanded beside the card's state,
 * for as long as the state is held.
 */
import type { Bytes, Crypto } from '@sandoq/protocol';
import { keptSigner, nodeCrypto } from '@sandoq/protocol/node';

export function createCardCrypto(): Crypto {
  const signers = new WeakMap<Bytes, (message: Bytes) => Bytes>();
  return {
    ...nodeCrypto,
    sign(secretKey, message) {
      let signer = signers.get(secretKey);
      if (signer === undefined) {
        signer = keptSigner(secretKey);
        signers.set(secretKey, signer);
      }
      return signer(message);
    },
  };
}
