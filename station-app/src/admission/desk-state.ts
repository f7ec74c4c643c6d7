/**
 * The person at the desk: the machine, and what may live in memory beside it. The machine has no effects, so an actor of
 * it is a plain step function; `transition` would make a new actor for every step.
 */
import type { Bytes, records } from '@sandoq/protocol';
import type { NationalCode } from '@sandoq/protocol/persian';
import { createActor, type SnapshotFrom } from 'xstate';
import {
  type AdmissionContext,
  type AdmissionEvent,
  admissionMachine,
  type OfficerRole,
} from '../machines/admission.ts';
import type { Elsewhere } from './claims.ts';
import type { ReadDocument } from './documents.ts';
import { refused } from './faults.ts';
import type { InHand } from './in-hand.ts';
import type { Admission } from './journal-cell.ts';

/** A card prepared for this person; the nonce inside the statement is nowhere else, and goes with it. */
export interface Arming {
  readonly statement: records.ArmStatement;
  readonly digest: Bytes;
  readonly laid: number;
  readonly approvals: Map<OfficerRole, Bytes>;
}

export type DeskStateName = SnapshotFrom<typeof admissionMachine>['value'];

/** Who stands there, as the process needs it; the machine's context holds what the screens show. */
export interface Candidate {
  readonly nationalCode: NationalCode;
  readonly document: records.DocumentKind;
}

export class DeskState {
  readonly #actor = createActor(admissionMachine).start();
  candidate: Candidate | undefined;
  document: ReadDocument | undefined;
  arming: Arming | undefined;
  /** where the person in hand was admitted before, while the refusal stands */
  elsewhere: Elsewhere | undefined;
  /** a card was to be voided, and whether it was is not known yet */
  takingBack: Extract<InHand, { readonly kind: 'take_back' | 'abandon' }> | undefined;
  /** whose armed card lies on the pad, from its arming until it is taken; it outlives the person's place at the desk */
  lying: Admission | undefined;
  /** the pad's `laid` at which the officers were told of it: a card that nobody moved is not announced twice */
  lyingToldAt: number | undefined;

  get name(): DeskStateName {
    return this.#actor.getSnapshot().value;
  }

  get context(): AdmissionContext {
    return this.#actor.getSnapshot().context;
  }

  can(event: AdmissionEvent): boolean {
    return this.#actor.getSnapshot().can(event);
  }

  /** @throws Error where the machine does not take the event: the caller asked `can` or knows the state. */
  send(event: AdmissionEvent): void {
    if (!this.can(event)) throw new Error(`${event.type} in state ${this.name}`);
    this.#actor.send(event);
    if (this.name === 'idle' || this.name === 'done') {
      this.candidate = undefined;
      this.document = undefined;
      this.arming = undefined;
      this.elsewhere = undefined;
      this.takingBack = undefined;
    }
  }

  /** @throws Refused where an admission in hand must be ended first. */
  startOver(): void {
    if (this.name === 'idle') return;
    if (this.context.inHand || this.name === 'arming') throw refused('admission_in_hand');
    if (!this.can({ type: 'CANCELLED' })) throw refused('wrong_state', this.name);
    this.send({ type: 'CANCELLED' });
  }
}
