// How long the box's primitives take in this machine's WebAssembly. The box does 4–12 X25519, 3 verifications and
// 1–4 signatures a vote; the wishes are those of the day's 150 votes a second on two cores.
import { parseArgs } from 'node:util';
import { loadPrimitives } from '../test/primitives.ts';

const WISHES_MS = { sign: 0.15, verify: 0.4, x25519: 0.2, x25519_public: 0.2, hpke_seal: 0.4 } as const;

const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
if (values.help === true) {
  console.error(
    'usage: npm run bench -- primitives\n  milliseconds of each primitive of the box in WebAssembly',
  );
  process.exit(0);
}

const box = await loadPrimitives();
const seed = new Uint8Array(32).fill(3);
const message = new Uint8Array(200).fill(5);
const key = box.publicKey(seed);
const signature = box.sign(seed, key, message);
const peer = box.x25519PublicKey(seed);

const milliseconds = (body: () => void): number => {
  for (let i = 0; i < 200; i++) body();
  const started = performance.now();
  for (let i = 0; i < 1000; i++) body();
  return Number(((performance.now() - started) / 1000).toFixed(4));
};

const figures = {
  sign_ms: milliseconds(() => box.sign(seed, key, message)),
  verify_ms: milliseconds(() => box.verify(key, message, signature)),
  x25519_ms: milliseconds(() => box.x25519(seed, peer)),
  x25519_public_ms: milliseconds(() => box.x25519PublicKey(seed)),
  hpke_seal_ms: milliseconds(() => box.hpkeSeal(peer, seed, seed, seed, message)),
  sha256_4kib_ms: milliseconds(() => box.sha256(new Uint8Array(4096))),
};
const ok = Object.entries(WISHES_MS).every(
  ([name, wish]) => figures[`${name as keyof typeof WISHES_MS}_ms`] <= wish,
);
process.stdout.write(`${JSON.stringify({ name: 'primitives', ok, figures })}\n`);
process.exitCode = ok ? 0 : 1;
