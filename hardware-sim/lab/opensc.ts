/**
 * The simulated national card in the hands of strangers: Debian's OpenSC finds it through pcscd and a virtual reader,
 * lists what is on it, and signs with it behind its PIN. Runs in a mount namespace of its own, so that no PC/SC service of
 * the machine is met or disturbed.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { createPublicKey, randomBytes, verify, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import {
  createCardOf,
  insertIntoVirtualReader,
  makeVoterCard,
  simulatedIssuerKey,
} from '@sandoq/hardware-sim';
import { type Bytes, concatBytes, fromHex } from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';

const PROGRAMS = ['/usr/sbin/pcscd', '/usr/bin/opensc-tool', '/usr/bin/pkcs15-tool', '/usr/bin/pkcs11-tool'];
const PCSC_SOCKET = '/run/pcscd/pcscd.comm';
const DRIVER_FOLDERS = ['/usr/lib/pcsc/drivers/serial/libifdvpcd.so'];
const PIN = '482915';
const WRONG_PIN = '000000';
const HOLDER = { nationalCode: '0084575948', name: 'زهرا محمدی', birthDate: '1980-03-21' };
const POLL_MS = 50;
const POLLS_MAX = 400;
const TOOL_TIMEOUT_MS = 60_000;
const SPKI_PREFIX = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200') as Bytes;

const run = promisify(execFile);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const { values } = parseArgs({ options: { help: { type: 'boolean' }, inside: { type: 'string' } } });
if (values.help === true) {
  console.error('usage: npm run lab -- opensc\n  needs pcscd, vsmartcard-vpcd and opensc (npm run system)');
  process.exit(0);
}

async function startService(folder: string, port: number): Promise<ChildProcess> {
  const driver = DRIVER_FOLDERS.find(existsSync);
  if (driver === undefined) throw new Error('vsmartcard-vpcd is missing; npm run system installs it');
  const hex = `0x${port.toString(16)}`;
  const config = join(folder, 'reader.conf');
  writeFileSync(
    config,
    `FRIENDLYNAME "Sandoq bench"\nDEVICENAME /dev/null:${hex}\nLIBPATH ${driver}\nCHANNELID ${hex}\n`,
  );
  const service = spawn('/usr/sbin/pcscd', ['--foreground', '--config', config], { stdio: 'ignore' });
  for (let polls = 0; !existsSync(PCSC_SOCKET); polls++) {
    if (polls >= POLLS_MAX || service.exitCode !== null) throw new Error('pcscd did not come up');
    await pause(POLL_MS);
  }
  return service;
}

async function insert(port: number) {
  const state = makeVoterCard(nodeCrypto, HOLDER, PIN);
  const card = createCardOf(state, { crypto: nodeCrypto, random: nodeRandomness }, () => undefined);
  for (let polls = 0; ; polls++) {
    try {
      return await insertIntoVirtualReader(card, port);
    } catch (cause) {
      if (polls >= POLLS_MAX) throw cause;
      await pause(POLL_MS);
    }
  }
}

async function tool(name: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(name, args, {
    timeout: TOOL_TIMEOUT_MS,
    env: { ...process.env, LC_ALL: 'C' },
  });
  process.stderr.write(`$ ${name} ${args.filter((one) => one !== PIN).join(' ')}\n${stdout}${stderr}`);
  return `${stdout}${stderr}`;
}

/** Slow to be noticed: the reader is polled. */
async function untilCard(): Promise<string> {
  for (let polls = 0; polls < 40; polls++) {
    const readers = await tool('opensc-tool', '--list-readers');
    if (/Yes/.test(readers)) return readers;
    await pause(POLL_MS * 5);
  }
  throw new Error('the card was not noticed');
}

async function signs(folder: string, certificate: X509Certificate): Promise<boolean> {
  const message = randomBytes(200);
  const digest = join(folder, 'digest');
  const signature = join(folder, 'signature');
  writeFileSync(digest, nodeCrypto.sha256(message));
  await tool(
    'pkcs11-tool',
    ...['--login', '--pin', PIN, '--sign', '--mechanism', 'ECDSA', '--id', '01'],
    ...['--input-file', digest, '--output-file', signature],
  );
  const key = { key: certificate.publicKey, dsaEncoding: 'ieee-p1363' } as const;
  return verify('sha256', message, key, readFileSync(signature));
}

const refuses = (name: string, ...args: readonly string[]): Promise<boolean> =>
  tool(name, ...args).then(
    () => false,
    () => true,
  );

async function inside(folder: string): Promise<void> {
  const port = 0x8000 + (randomBytes(2).readUInt16BE() & 0x3fff);
  const service = await startService(folder, port);
  try {
    const card = await insert(port);
    const readers = await untilCard();
    const name = (await tool('opensc-tool', '--name')).trim();
    const pkcs15 = await tool('pkcs15-tool', '--list-certificates', '--list-keys', '--list-pins');
    const pem = await tool('pkcs15-tool', '--read-certificate', '01');
    const found = /-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----/.exec(pem)?.[0];
    if (found === undefined) throw new Error('no certificate was read');
    const certificate = new X509Certificate(found);
    const issuer = createPublicKey({
      key: Buffer.from(concatBytes(SPKI_PREFIX, simulatedIssuerKey(nodeCrypto))),
      format: 'der',
      type: 'spki',
    });
    await tool('pkcs11-tool', '--list-mechanisms');
    const objects = await tool('pkcs11-tool', '--list-objects', '--login', '--pin', PIN);
    const signed = await signs(folder, certificate);
    const wrong = await refuses('pkcs11-tool', '--list-objects', '--login', '--pin', WRONG_PIN);
    card.remove();
    await pause(POLL_MS * 10);
    const figures = {
      readers: (readers.match(/Sandoq bench/g) ?? []).length,
      card: /^.*Card$/m.exec(name)?.[0] ?? 'unknown',
      certificates: (pkcs15.match(/X\.509 Certificate/g) ?? []).length,
      private_keys: (pkcs15.match(/Private EC Key/g) ?? []).length,
      pins: (pkcs15.match(/^PIN \[/gm) ?? []).length,
      certificate_names_holder: certificate.subject.includes(HOLDER.nationalCode),
      certificate_signed_by_registry: certificate.verify(issuer),
      pkcs11_objects: (objects.match(/Object;/g) ?? []).length,
      signature_verified: signed,
      wrong_pin_refused: wrong,
      absent_card_refused: await refuses('opensc-tool', '--name'),
    };
    const ok =
      figures.certificates >= 1 &&
      figures.private_keys >= 1 &&
      figures.certificate_names_holder &&
      figures.certificate_signed_by_registry &&
      figures.signature_verified &&
      figures.wrong_pin_refused &&
      figures.absent_card_refused;
    process.stdout.write(`${JSON.stringify({ name: 'opensc', ok, figures })}\n`);
    process.exitCode = ok ? 0 : 1;
  } finally {
    service.kill('SIGKILL');
  }
}

function outside(): void {
  const lacking = PROGRAMS.filter((path) => !existsSync(path));
  if (lacking.length > 0) throw new Error(`missing: ${lacking.join(', ')}; npm run system installs them`);
  const folder = mkdtempSync(join(tmpdir(), 'opensc-'));
  try {
    const script = `mount -t tmpfs run /run && exec "$0" "$1" --inside "$2"`;
    const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
    const ran = spawnSync(
      'unshare',
      ['--mount', ...asRoot, '--', 'sh', '-c', script, process.execPath, import.meta.filename, folder],
      { stdio: 'inherit' },
    );
    process.exitCode = ran.status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.inside === undefined) outside();
else await inside(values.inside);
