/**
 * An armed card that lies on the pad and has not been taken: whose it is stands in the in-hand file until it leaves the pad.
 * A process that dies after the arming, or a desk that went on too early, then says "hand it to her" and not "admitted
 * already". Nothing is asked where the pad is empty: a card that was armed and is not there was taken.
 */
import type { NationalCode } from '@sandoq/protocol/persian';
import { Refused } from '../contract/socket.ts';
import type { PersonAtDesk } from '../machines/admission.ts';
import type { DeskParts } from './arming.ts';
import type { Admission } from './journal-cell.ts';

const WAITING = ['idle', 'done', 'refused'] as const;

const isKnown = ({ context }: DeskParts): boolean => context.reader.status().state === 'connected';

/** Whether what lies, or no longer lies, on the pad is to be looked at. */
export function awaitsTaking(parts: DeskParts): boolean {
  const { desk, pad } = parts;
  if (desk.lying === undefined || !isKnown(parts)) return false;
  return !pad.present() || WAITING.some((name) => name === desk.name);
}

/** Whether hers is the armed card on the pad, by the card's own word. */
async function lies({ pad }: DeskParts, admission: Admission): Promise<boolean> {
  try {
    const { state, statement } = await pad.look();
    return state === 'armed' && statement?.style === admission.style;
  } catch (cause) {
    if (cause instanceof Refused) return false;
    throw cause;
  }
}

function forget({ context, desk }: DeskParts): void {
  // On a disk that takes nothing the file still names her: it is tried again.
  context.stores.inHand.clear();
  desk.lying = undefined;
}

function found({ context, desk }: DeskParts, admission: Admission, person?: PersonAtDesk): void {
  const { nationalCode, document, style, visiting } = admission;
  desk.send({
    type: 'CARD_FOUND_ARMED',
    person: person ?? { name: '', nationalCode, birthDate: null, document },
    grant: { style, visiting, replacement: true },
  });
  desk.candidate = { nationalCode, document };
  context.changed();
}

/** She is read again while her card lies there. @returns whether it is so, and the desk says it */
export function isHersLying(parts: DeskParts, code: NationalCode, person: PersonAtDesk): boolean {
  const { desk, pad } = parts;
  const { lying } = desk;
  if (lying?.nationalCode !== code || !pad.present() || desk.lyingToldAt !== pad.laid()) return false;
  found(parts, lying, person);
  return true;
}

/** After each report of the reader, while a card is to be taken. */
export async function followLying(parts: DeskParts): Promise<void> {
  const { context, desk, pad } = parts;
  const { lying } = desk;
  if (lying === undefined) return;
  if (!pad.present()) return forget(parts);
  if (desk.name === 'armed' || desk.lyingToldAt === pad.laid()) return;
  desk.lyingToldAt = pad.laid();
  if (!(await lies(parts, lying))) return forget(parts);
  context.note({ event: 'reconciled' });
  found(parts, lying);
}
