/** The page's cryptography in a real browser: on every published edge case it says what the command's says. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fromHex, toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpus } from './corpora.ts';
import { craftedSignatures, torsionPoints } from './torsion.ts';

const CHROMIUM = '/usr/bin/chromium';
const here = existsSync(CHROMIUM);
if (!here) console.warn('no Chromium: the page’s cryptography is not tried');

/** Both ways of the page, by hexadecimal digits. */
const ENTRY = `
import { chooseCrypto } from './page/crypto.ts';
import { browserChecks, heldByBrowser, isWorthAsking } from './page/browser-checks.ts';
const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (two) => Number.parseInt(two, 16));
globalThis.verdicts = async (cases) => {
  const { crypto, isReference } = await chooseCrypto();
  const all = [];
  for (const [key, message, signature] of cases.map((one) => one.map(bytes))) {
    const check = { publicKey: key, message, signature };
    const byBrowser = isWorthAsking(check) && (await heldByBrowser(check).catch(() => false));
    all.push({ own: crypto.verify(key, message, signature), byBrowser });
  }
  return { isReference, hasEd25519: await browserChecks(), all };
};
`;
type Case = readonly [key: string, message: string, signature: string];

/** Signatures by others, valid and not: what the corpora have, and torsion of our own making. */
function cases(): readonly Case[] {
  const speccheck = (corpus('ed25519-speccheck/cases.json') ?? []) as readonly {
    readonly message: string;
    readonly pub_key: string;
    readonly signature: string;
  }[];
  const zip215 = (corpus('ed25519-rfc8032/zip215.json') ?? []) as readonly {
    readonly vk_bytes: string;
    readonly sig_bytes: string;
  }[];
  const wycheproof = (corpus('wycheproof/ed25519_test.json') ?? { testGroups: [] }) as {
    readonly testGroups: readonly {
      readonly publicKey: { readonly pk: string };
      readonly tests: readonly { readonly msg: string; readonly sig: string }[];
    }[];
  };
  const crafted = [...craftedSignatures()];
  const [one] = crafted;
  const zcash = toHex(new TextEncoder().encode('Zcash'));
  return [
    ...speccheck.map(({ pub_key, message, signature }): Case => [pub_key, message, signature]),
    ...zip215.map(({ vk_bytes, sig_bytes }): Case => [vk_bytes, zcash, sig_bytes]),
    ...wycheproof.testGroups.flatMap(({ publicKey, tests }) =>
      tests.map(({ msg, sig }): Case => [publicKey.pk, msg, sig]),
    ),
    ...crafted.map(
      ({ publicKey, message, signature }): Case =>
        [publicKey, message, signature].map(toHex) as unknown as Case,
    ),
    // Keys and points that are of small order, are not canonical or are no points, under a signature that is one.
    ...torsionPoints().flatMap((point): Case[] => {
      const small = toHex(point.toBytes());
      const rest = toHex((one as { signature: Uint8Array }).signature).slice(64);
      return [
        [small, '00', small + '00'.repeat(32)],
        [small, '00', small + rest],
        [toHex((one as { publicKey: Uint8Array }).publicKey), '00', small + rest],
      ];
    }),
    ...[0xec, 0xed, 0xee, 0xf0, 0xff].flatMap((low): Case[] =>
      ['7f', 'ff'].map((top) => {
        const odd = toHex(Uint8Array.of(low)) + 'ff'.repeat(30) + top;
        return [odd, '', odd + '00'.repeat(32)];
      }),
    ),
  ];
}

describe.skipIf(!here)('the page’s cryptography', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandoq-page-crypto-'));
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: ENTRY, resolveDir: join(import.meta.dirname, '..'), loader: 'js' },
      bundle: true,
      write: false,
      format: 'iife',
      target: 'es2022',
      minify: true,
    });
    const file = join(folder, 'crypto.html');
    const program = (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script');
    writeFileSync(file, `<!doctype html><meta charset="utf-8"><script>${program}</script>`);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage({ offline: true });
    await page.goto(pathToFileURL(file).href);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  it('says on every edge case what the command’s says, both by libsodium and by the browser', async () => {
    const all = cases();
    const found = await page.evaluate(
      (given) =>
        (
          globalThis as unknown as {
            verdicts(cases: readonly Case[]): Promise<{
              isReference: boolean;
              hasEd25519: boolean;
              all: { own: boolean; byBrowser: boolean }[];
            }>;
          }
        ).verdicts(given),
      all,
    );
    expect(found).toMatchObject({ isReference: false, hasEd25519: true });
    const wanted = all.map((one) =>
      nodeCrypto.verify(
        ...(one.map((text) => fromHex(text) as Uint8Array) as [Uint8Array, Uint8Array, Uint8Array]),
      ),
    );
    expect(wanted.filter(Boolean).length).toBeGreaterThan(10);
    expect(wanted.filter((holds) => !holds).length).toBeGreaterThan(40);
    all.forEach((one, i) => {
      expect(found.all[i], one.join(' ')).toEqual({ own: wanted[i], byBrowser: wanted[i] });
    });
  });
});
