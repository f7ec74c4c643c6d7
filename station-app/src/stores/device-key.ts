/** A device's signing key: made here on first start, and never anywhere else. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, type Crypto, type RandomBytes, SECRET_KEY_BYTES } from '@sandoq/protocol';

export const DEVICE_KEY_FILE = 'device.key';

export interface DeviceKey {
  readonly secretKey: Bytes;
  readonly publicKey: Bytes;
}

/** @throws where the file is there and is no key: it is never replaced silently. */
export function openDeviceKey(
  folder: string,
  crypto: Pick<Crypto, 'signingPublicKey'>,
  random: RandomBytes,
): DeviceKey {
  const path = join(folder, DEVICE_KEY_FILE);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, random(SECRET_KEY_BYTES), { mode: 0o600, flag: 'wx', flush: true });
  }
  chmodSync(path, 0o600);
  const secretKey = new Uint8Array(readFileSync(path));
  if (secretKey.length !== SECRET_KEY_BYTES)
    throw new Error(`${DEVICE_KEY_FILE} is not ${SECRET_KEY_BYTES} bytes`);
  return { secretKey, publicKey: crypto.signingPublicKey(secretKey) };
}
