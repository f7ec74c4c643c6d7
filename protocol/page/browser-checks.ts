/**
 * A share judged with the browser's own Ed25519, which answers later: it is judged believing every signature, then all
 * of them are checked, many under way at a time. Where one fails the share is judged again one by one.
 */
import { isKeyEncoding, isSmallOrderEncoding } from '../src/crypto/enrol.ts';
import { SIGNATURE_BYTES, type SignatureCheck } from '../src/crypto/ports.ts';
import { judgeBelieving, type Share, type ShareFolder, type ShareResult } from '../src/verify/share.ts';
import { type PageCrypto, PROBE } from './crypto.ts';

const ED25519 = { name: 'Ed25519' };
type Plain = Uint8Array<ArrayBuffer>;

/** @throws for a key that is no point, in some browsers */
export async function heldByBrowser({ publicKey, message, signature }: SignatureCheck): Promise<boolean> {
  const key = await crypto.subtle.importKey('raw', publicKey as Plain, ED25519, false, ['verify']);
  return crypto.subtle.verify(ED25519, key, signature as Plain, message as Plain);
}

/** Whether the browser has Ed25519 and can tell a signature by it. */
export async function browserChecks(): Promise<boolean> {
  try {
    const { key: publicKey, signature } = PROBE;
    const check = { publicKey, signature, message: new Uint8Array(0) };
    return (await heldByBrowser(check)) && !(await heldByBrowser({ ...check, message: new Uint8Array(1) }));
  } catch {
    return false; // an older browser, or a page that it holds insecure
  }
}

/**
 * What the browser need not be asked: the bytes alone tell. It compares R byte by byte and refuses an S above the
 * group's order itself; of keys it takes encodings that are not canonical.
 */
export const isWorthAsking = ({ publicKey, signature }: SignatureCheck): boolean =>
  signature.length === SIGNATURE_BYTES && isKeyEncoding(publicKey) && !isSmallOrderEncoding(signature);

/** @returns undefined where a signature fails: then the share is to be judged with them one by one */
export async function judgeByBrowser(
  folder: ShareFolder,
  ports: PageCrypto,
  share: Share,
): Promise<ShareResult | undefined> {
  const { result, checks } = judgeBelieving(folder, ports, share);
  if (!checks.every(isWorthAsking)) return undefined;
  try {
    return (await Promise.all(checks.map(heldByBrowser))).every((held) => held) ? result : undefined;
  } catch {
    return undefined; // a key that is no point is not imported
  }
}
