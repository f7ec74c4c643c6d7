/** The voting device's key: made here on first start, and never anywhere else. */
import { type Bytes, type Subject, votingSubject } from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import { openDeviceKey } from '../stores/device-key.ts';

/** For enrolment: what the province must list. The secret key stays in the folder. */
export function enrolVoting(
  folder: string,
  station: string,
): { readonly subject: Subject; readonly publicKey: Bytes } {
  const { publicKey, secretKey } = openDeviceKey(folder, nodeCrypto, nodeRandomness);
  secretKey.fill(0);
  return { subject: votingSubject(station), publicKey };
}
