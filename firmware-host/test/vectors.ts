// The published vectors, run on whatever answers for the primitives: RFC 8032, RFC 9180, Wycheproof, and the edge cases on
// which verifiers differ. Corpora that are not at hand are named, not passed over.
import { corpus, fromHex, fromText, toHex } from './corpora.ts';
import type { EmulatedPrimitives } from './emulated-primitives.ts';

type Answers = Pick<
  EmulatedPrimitives,
  'publicKey' | 'sign' | 'verify' | 'x25519' | 'x25519PublicKey' | 'hkdf' | 'hpkeSecret' | 'hpkeSeal' | 'seal'
>;

export interface VectorReport {
  /** vectors run, by corpus; null where it is not at hand */
  readonly run: Readonly<Record<string, number | null>>;
  /** corpus and case of each that was answered wrongly */
  readonly wrong: readonly string[];
}

interface Corpus {
  readonly name: string;
  /** Each answers whether it was right; undefined where the corpus is absent. */
  readonly cases: readonly (() => Promise<boolean>)[] | undefined;
  /** Never sampled: there are few, or each is a case of its own. */
  readonly whole?: boolean;
}

const hexEqual = (bytes: Uint8Array | null, hex: string): boolean => bytes !== null && toHex(bytes) === hex;

function rfc8032(box: Answers): Corpus {
  const file = corpus<{ priv: string; pub: string; msg: string; sig: string }[]>(
    'ed25519-rfc8032/rfc8032-ed25519.json',
  );
  return {
    name: 'rfc8032',
    whole: true,
    cases: file?.map(({ priv, pub, msg, sig }) => async () => {
      const [seed, key, text] = [fromHex(priv), fromHex(pub), fromHex(msg)];
      return (
        hexEqual(await box.publicKey(seed), pub) &&
        hexEqual(await box.sign(seed, key, text), sig) &&
        (await box.verify(key, text, fromHex(sig)))
      );
    }),
  };
}

/** Case 3 alone is accepted by the one rule: canonical, no small order, cofactorless. */
function speccheck(box: Answers): Corpus {
  const file = corpus<{ message: string; pub_key: string; signature: string }[]>(
    'ed25519-speccheck/cases.json',
  );
  return {
    name: 'ed25519_speccheck',
    whole: true,
    cases: file?.map(
      (one, i) => async () =>
        (await box.verify(fromHex(one.pub_key), fromHex(one.message), fromHex(one.signature))) === (i === 3),
    ),
  };
}

function smallOrder(box: Answers): Corpus {
  const file = corpus<{ vk_bytes: string; sig_bytes: string }[]>('ed25519-rfc8032/zip215.json');
  return {
    name: 'ed25519_small_order',
    cases: file?.map(
      (one) => async () =>
        !(await box.verify(fromHex(one.vk_bytes), fromText('Zcash'), fromHex(one.sig_bytes))),
    ),
  };
}

interface SignatureFile {
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string };
    readonly tests: readonly { readonly msg: string; readonly sig: string; readonly result: string }[];
  }[];
}
function wycheproofSignatures(box: Answers): Corpus {
  const file = corpus<SignatureFile>('wycheproof/ed25519_test.json');
  return {
    name: 'wycheproof_ed25519',
    cases: file?.testGroups.flatMap(({ publicKey, tests }) =>
      tests.map(({ msg, sig, result }) => async () => {
        const signature = fromHex(sig);
        // Of another length it never reaches the verifier: the reader takes exactly 64 bytes.
        const accepted =
          signature.length === 64 && (await box.verify(fromHex(publicKey.pk), fromHex(msg), signature));
        return accepted === (result === 'valid');
      }),
    ),
  };
}

interface AgreementFile {
  readonly testGroups: readonly {
    readonly tests: readonly {
      readonly public: string;
      readonly private: string;
      readonly shared: string;
      readonly flags: readonly string[];
    }[];
  }[];
}
function wycheproofAgreements(box: Answers): Corpus {
  const file = corpus<AgreementFile>('wycheproof/x25519_test.json');
  return {
    name: 'wycheproof_x25519',
    cases: file?.testGroups
      .flatMap((group) => group.tests)
      .map((one) => async () => {
        const { shared, sound } = await box.x25519(fromHex(one.private), fromHex(one.public));
        return hexEqual(shared, one.shared) && sound === !one.flags.includes('ZeroSharedSecret');
      }),
  };
}

interface DerivationFile {
  readonly testGroups: readonly {
    readonly tests: readonly {
      readonly ikm: string;
      readonly salt: string;
      readonly info: string;
      readonly size: number;
      readonly okm: string;
      readonly result: string;
    }[];
  }[];
}
/** More than 255 blocks is refused by the callers' bounds; the primitive is asked for what it is for. */
const DERIVED_BYTES_MAX = 255 * 32;
function wycheproofDerivations(box: Answers): Corpus {
  const file = corpus<DerivationFile>('wycheproof/hkdf_sha256_test.json');
  return {
    name: 'wycheproof_hkdf',
    cases: file?.testGroups
      .flatMap((group) => group.tests)
      .filter((one) => one.result === 'valid' && one.size <= DERIVED_BYTES_MAX)
      .map(
        (one) => async () =>
          hexEqual(await box.hkdf(fromHex(one.ikm), fromHex(one.salt), fromHex(one.info), one.size), one.okm),
      ),
  };
}

/** RFC 9180 appendix A.2.1 and RFC 8439 §2.8.2: in the RFCs, so no corpus is wanted. */
function fromTheRfcs(box: Answers): readonly Corpus[] {
  const ikmE = fromHex('909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b');
  const ikmR = fromHex('1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df');
  const pkR = fromHex('4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a');
  const info = fromHex('4f6465206f6e2061204772656369616e2055726e');
  const beauty = fromText('Beauty is truth, truth beauty');
  const sunscreen = fromText(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  );
  return [
    {
      name: 'rfc9180',
      whole: true,
      cases: [
        async () =>
          hexEqual(
            await box.hpkeSecret(ikmE),
            'f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600',
          ),
        async () => hexEqual(await box.x25519PublicKey(await box.hpkeSecret(ikmR)), toHex(pkR)),
        async () =>
          hexEqual(
            await box.hpkeSeal(pkR, ikmE, info, fromText('Count-0'), beauty),
            '1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28',
          ),
        async () => (await box.hpkeSeal(new Uint8Array(32), ikmE, info, info, beauty)) === null,
      ],
    },
    {
      name: 'rfc8439',
      whole: true,
      cases: [
        async () =>
          hexEqual(
            await box.seal(
              fromHex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
              fromHex('070000004041424344454647'),
              fromHex('50515253c0c1c2c3c4c5c6c7'),
              sunscreen,
            ),
            'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691',
          ),
      ],
    },
  ];
}

/** @param every runs each of the few edge cases, and of the large corpora one case in so many */
export async function runVectors(box: Answers, every = 1): Promise<VectorReport> {
  const corpora = [
    rfc8032(box),
    ...fromTheRfcs(box),
    speccheck(box),
    smallOrder(box),
    wycheproofSignatures(box),
    wycheproofAgreements(box),
    wycheproofDerivations(box),
  ];
  const run: Record<string, number | null> = {};
  const wrong: string[] = [];
  for (const { name, cases, whole } of corpora) {
    const chosen = cases
      ?.map((body, number) => ({ body, number }))
      .filter(({ number }) => whole || number % every === 0);
    run[name] = chosen?.length ?? null;
    for (const { body, number } of chosen ?? []) if (!(await body())) wrong.push(`${name} ${number}`);
  }
  return { run, wrong };
}
