/** Takes the two keys of the count from the closing representatives' cards, through the role reader. */
import { type RandomBytes, type ReleaseData, ROLE_SLOTS, type records } from '@sandoq/protocol';
import {
  type CardPort,
  cardIn,
  readRoleIdentity,
  releaseCountKey,
  selectCard,
  verifyRolePin,
} from '../devices/cards.ts';
import type { Clock } from '../devices/clock.ts';
import { createReader, type Reader } from '../devices/reader.ts';
import type { OpenReportLink } from '../devices/reader-link.ts';
import { type CountKey, type CountKeys, countKeyOf } from './open-sealed.ts';

export const READER_WAIT_MS = 10_000;

export class KeyRefused extends Error {}

export interface SlotPin {
  readonly slot: keyof typeof ROLE_SLOTS;
  readonly pin: string;
}

/** The role reader as this program reaches it, and whose time and randomness its client takes. */
export interface RoleReaderPorts {
  readonly open: OpenReportLink;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

export function connectRoleReader({ open, clock, random }: RoleReaderPorts): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(READER_WAIT_MS, () => {
      reader.close();
      reject(new KeyRefused('the role reader does not answer'));
    });
    const reader = createReader({
      kind: 'role',
      slotCount: Object.keys(ROLE_SLOTS).length,
      open,
      clock,
      random,
      onChange: (status) => {
        if (status.state !== 'connected') return;
        cancel();
        resolve(reader);
      },
    });
  });
}

async function keyFrom(
  card: CardPort,
  pin: string,
  release: ReleaseData,
  station: records.Station,
): Promise<{ readonly role: records.Role; readonly key: CountKey }> {
  const selected = await selectCard(card, 'role_card');
  if (!selected.ok) throw new KeyRefused(`no role card: ${selected.fault.code}`);
  const identity = await readRoleIdentity(card);
  if (!identity.ok) throw new KeyRefused(`role card: ${identity.fault.code}`);
  const { role } = identity.value;
  const verified = await verifyRolePin(card, pin);
  if (!verified.ok) throw new KeyRefused(`card of ${role}: ${verified.fault.code}`);
  const released = await releaseCountKey(card, release);
  if (!released.ok) throw new KeyRefused(`card of ${role} gives no key: ${released.fault.code}`);
  if (released.value.length !== 32) throw new KeyRefused(`card of ${role} gives no key of 32 bytes`);
  const key = countKeyOf(released.value);
  released.value.fill(0);
  const enrolled = station.roles.find((one) => one.role === role)?.countKey;
  if (enrolled === undefined || !key.publicBytes.equals(enrolled))
    throw new KeyRefused(`card of ${role} gives another key than the enrolled one`);
  return { role, key };
}

/** @throws KeyRefused with what is missing */
export async function takeCountKeys(
  ports: RoleReaderPorts,
  pins: readonly SlotPin[],
  release: ReleaseData,
  station: records.Station,
): Promise<CountKeys> {
  const reader = await connectRoleReader(ports);
  try {
    const keys = new Map<records.Role, CountKey>();
    for (const { slot, pin } of pins) {
      const { role, key } = await keyFrom(cardIn(reader, ROLE_SLOTS[slot]), pin, release, station);
      keys.set(role, key);
    }
    const governor = keys.get('governor_representative');
    const council = keys.get('council_representative');
    if (governor === undefined || council === undefined)
      throw new KeyRefused('the cards of both closing representatives are needed');
    return { governor, council };
  } finally {
    reader.close();
  }
}
