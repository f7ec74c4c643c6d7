/** What the store holds, judged on this thread: for a publication that is made without the server. */
import { type Crypto, checkBundle, checkCorrection, equalBytes, type Provisioning } from '@sandoq/protocol';
import { createHeldSlips, type HeldSlip } from './held.ts';
import type { IntakeStore } from './store.ts';

/** @throws Error where a stored bundle is damaged or no longer holds */
export function judgeStored(
  store: IntakeStore,
  crypto: Crypto,
  provisioning: Provisioning,
): readonly HeldSlip[] {
  const { election } = provisioning;
  const held = createHeldSlips();
  for (const row of store.all(election)) {
    const { station, version, bundle, bundleDigest, receivedAt } = row;
    if (!equalBytes(crypto.sha256(bundle), bundleDigest))
      throw new Error(`the stored bundle of station ${station} is damaged`);
    // By what was known then: a later amendment changes no verdict that was given.
    const then = { ...provisioning, amendments: provisioning.amendments.slice(0, row.amendments) };
    const before = held.of(provisioning, station);
    const checked =
      before === undefined
        ? checkBundle(then, crypto, bundle, receivedAt)
        : checkCorrection(then, crypto, before.checked, bundle, receivedAt);
    if (!checked.ok)
      throw new Error(`the stored bundle of station ${station} no longer holds: ${checked.fault.code}`);
    const receiptDigest = crypto.sha256(row.receipt);
    held.add(election, { version, bundleDigest, receiptDigest, receivedAt, checked: checked.value });
  }
  return held.list(provisioning);
}
