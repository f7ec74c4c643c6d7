/** Keys are checked once and their verdicts kept, up to a bound; forgetting one changes no verdict. */
import { enrolPublicKey, utf8 } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { describe, expect, it } from 'vitest';
import { ENROLLED_KEYS_MAX } from '../src/crypto/enrol.ts';

describe('enrolled keys', () => {
  it('keep their verdict when it is repeated, and after more keys than are kept', () => {
    const good = nodeCrypto.signingPublicKey(nodeCrypto.sha256(utf8('good')));
    const smallOrder = new Uint8Array(32);
    const verdicts = () => [enrolPublicKey(good), enrolPublicKey(smallOrder), enrolPublicKey(good.slice(1))];
    expect(verdicts()).toEqual([true, false, false]);
    expect(verdicts()).toEqual([true, false, false]);
    // As many other keys as are kept, so that the first ones are forgotten; most are no points, which is quick.
    for (let i = 0; i <= ENROLLED_KEYS_MAX; i++) enrolPublicKey(nodeCrypto.sha256(utf8(`other ${i}`)));
    expect(verdicts()).toEqual([true, false, false]);
  });
});
