/**
 * The rules of the protocol, each of which can be broken: a model in which nothing can go wrong proves nothing. Every
 * breakage must be caught by the property named beside it (test/model.test.ts, lab/model.ts).
 */
import type { FaultKind } from './faults.ts';
import type { PropertyName } from './properties.ts';
import type { Start } from './state.ts';

export interface Rules {
  /** `pending` is durable before PRINT is sent */
  readonly pendingBeforePrint: boolean;
  readonly pendingKeptOverRestart: boolean;
  /** a refused or unanswered PRINT is a question to the box, not an answer */
  readonly refusedPrintIsAsked: boolean;
  /** an event is a reason to ask, since it carries no names */
  readonly eventsOnlyPrompt: boolean;
  readonly closeWaitsForPending: boolean;
  readonly commitBeforeBurn: boolean;
  /** one commit word for the whole vote, the slots' words after it */
  readonly oneCommitWord: boolean;
  readonly countFromSlots: boolean;
  readonly printIsIdempotent: boolean;
  /** at boot intents are finished before anything is answered */
  readonly recoverBeforeAnswer: boolean;
  /** at boot an uncommitted paper is rejected */
  readonly bootRejectsUncommitted: boolean;
  /** nothing but the voter's own key commits */
  readonly greenCommits: boolean;
  /** green does nothing unless the card of this ballot lies on the pad */
  readonly greenNeedsCard: boolean;
  /** rights used are remembered in flash, whatever the card says */
  readonly spentIsRemembered: boolean;
  /** a new hello ends a ballot that was begun and not printed: an old PRINT finds nothing */
  readonly helloEndsBegun: boolean;
  /** a refused PRINT ends the begun ballot: the same PRINT finds nothing either */
  readonly refusedPrintEndsBegun: boolean;
  /** `cast` is told only when the card has been burnt, or was gone */
  readonly castToldAfterBurn: boolean;
  /** the box looks at every card that is laid, and at the one it finds at boot, and burns it if it was spent here */
  readonly looksAtEveryCard: boolean;
  /** an empty window after a drop is a fall, seen or not */
  readonly windowProvesFall: boolean;
  readonly correctionOverprints: boolean;
  readonly journalBeforeArming: boolean;
  readonly intentBeforeJournal: boolean;
  readonly voidBeforeJournal: boolean;
  /** taking back is cleared from the in-hand file durably; an arming that comes back is asked of the officers */
  readonly takeBackClearedDurably: boolean;
  /** officers: a card that left the pad too early goes onto the pad before anything else */
  readonly tornCardToPadFirst: boolean;
  /** after an interrupted arming the officers can say that the card was handed over, or that nobody has it */
  readonly interruptedArmingHasExits: boolean;
  /** officers: after an interrupted arming nobody gets a second card while the first is out */
  readonly officersKnowWhatIsOut: boolean;
  /** a card is replaced only against the card itself */
  readonly replacedAgainstCard: boolean;
}

export const SOUND: Rules = {
  pendingBeforePrint: true,
  pendingKeptOverRestart: true,
  refusedPrintIsAsked: true,
  eventsOnlyPrompt: true,
  closeWaitsForPending: true,
  commitBeforeBurn: true,
  oneCommitWord: true,
  countFromSlots: true,
  printIsIdempotent: true,
  recoverBeforeAnswer: true,
  bootRejectsUncommitted: true,
  greenCommits: true,
  greenNeedsCard: true,
  spentIsRemembered: true,
  helloEndsBegun: true,
  refusedPrintEndsBegun: true,
  castToldAfterBurn: true,
  looksAtEveryCard: true,
  windowProvesFall: true,
  correctionOverprints: true,
  journalBeforeArming: true,
  intentBeforeJournal: true,
  voidBeforeJournal: true,
  takeBackClearedDurably: true,
  tornCardToPadFirst: true,
  interruptedArmingHasExits: true,
  officersKnowWhatIsOut: true,
  replacedAgainstCard: true,
};

/** What is explored: who is there, how much may go wrong, and of which kinds. */
export interface Bounds extends Start {
  readonly name: string;
  /** seconds, not minutes */
  readonly short: boolean;
  readonly kinds: readonly FaultKind[];
}

export const broken = (rules: readonly (keyof Rules)[]): Rules => ({
  ...SOUND,
  ...Object.fromEntries(rules.map((rule) => [rule, false])),
});

export interface Breakage {
  readonly rules: readonly (keyof Rules)[];
  readonly scenario: string;
  readonly caughtBy: PropertyName;
}
