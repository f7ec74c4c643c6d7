/**
 * An armed card that lies on the pad and has not been taken: whose it is stands in the in-hand file until it leaves the pad.
 * A process that dies after the arming, or a desk that went on too early, then says "hand it to her" and not "admitted
 * already". Nothing is asked where the pad is empty: a card that was armed and is not there was taken.
 */
import type { NationalCode } from '@sandoq/protocol/persian';
import type { AdmissionRefusal } from '../contract/codes-admission.ts';
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

/** What tells that hers does not lie there. A reader that fails, or a card that stays mute, tells nothing of whose it is. */
const ANOTHER_LIES: readonly string[] = [
  'no_tarefe',
  'not_a_tarefe',
  'tarefe_armed',
  'tarefe_of_other_station',
  'tarefe_refused',
] satisfies readonly AdmissionRefusal[];

/**
 * Whether hers is the armed card on the pad, by the card's own word. @returns of which laying that was said, or undefined
 * where it is not hers. @throws Refused where nobody could say so
 */
async function lies({ pad }: DeskParts, admission: Admission): Promise<number | undefined> {
  try {
    const { state, statement, laid } = await pad.look();
    return state === 'armed' && statement?.style === admission.style ? laid : undefined;
  } catch (cause) {
    if (cause instanceof Refused && ANOTHER_LIES.includes(cause.refusal.code)) return undefined;
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

/** After each report of the reader, while a card is to be taken. @throws Refused where it is to be looked at again */
export async function followLying(parts: DeskParts): Promise<void> {
  const { context, desk, pad } = parts;
  const { lying } = desk;
  if (lying === undefined) return;
  if (!pad.present()) return forget(parts);
  if (desk.name === 'armed' || desk.lyingToldAt === pad.laid()) return;
  const laid = await lies(parts, lying);
  if (laid === undefined) return forget(parts);
  // Gone since, and perhaps another has come: that is reported, and looked at behind this step.
  if (laid !== pad.laid()) return;
  desk.lyingToldAt = laid;
  context.note({ event: 'reconciled' });
  found(parts, lying);
}
