/** Secret keys of the province, made where they live: one file each, readable by its owner only. */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Bytes, SECRET_KEY_BYTES } from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import { writeFileDurably } from './folder.ts';

export interface KeyPair {
  readonly secretKey: Bytes;
  readonly publicKey: Bytes;
}

const OTHERS = 0o077;

/** The Ed25519 key in a file, made at the first call. @throws where the file is no key or others may read it */
export function keyInFile(path: string): KeyPair {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileDurably(path, nodeRandomness(SECRET_KEY_BYTES), 0o600);
  }
  if ((statSync(path).mode & OTHERS) !== 0) throw new Error('key file is readable by others');
  const secretKey = new Uint8Array(readFileSync(path));
  if (secretKey.length !== SECRET_KEY_BYTES) throw new Error('key file does not hold 32 bytes');
  return { secretKey, publicKey: nodeCrypto.signingPublicKey(secretKey) };
}

/** Where a province keeps the key that signs its receipts. */
export const intakeKeyPath = (dataFolder: string): string => `${dataFolder}/intake.key`;

/** Makes the intake's key at first use. @returns its public half, which the package carries */
export const enrolIntake = (dataFolder: string): Bytes => keyInFile(intakeKeyPath(dataFolder)).publicKey;

/** The authority's key, which a real authority keeps away from every server; a rehearsal keeps it in a file. */
export const enrolAuthority = (path: string): KeyPair => keyInFile(path);
