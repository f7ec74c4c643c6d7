/** The admission process as one object: handlers of the contract, the view, and what comes from the reader. */
import {
  admissionSubject,
  type Bytes,
  type Crypto,
  type RandomBytes,
  records,
  SIMULATED_REGISTRY_PUBLIC_KEY,
  signTyped,
  toHex,
} from '@sandoq/protocol';
import type { AdmissionCalls, AdmissionView } from '../contract/admission.ts';
import { type Handlers, type Output, Refused } from '../contract/socket.ts';
import type { Clock } from '../devices/clock.ts';
import { createReader } from '../devices/reader.ts';
import type { OpenReportLink } from '../devices/reader-link.ts';
import { diskFaultOf } from '../stores/disk-fault.ts';
import { continueArming, pressApproval, voidApprovals } from './arming.ts';
import type { Claims, OpenClaims } from './claims.ts';
import { type AdmissionStores, createNotes, type DeskContext } from './context.ts';
import {
  declineDocument,
  enterPerson,
  type PersonParts,
  provePerson,
  readPerson,
  resume,
  resumeArming,
} from './desk.ts';
import { DeskState } from './desk-state.ts';
import { createDocumentSlot } from './documents.ts';
import type { AdmissionElection } from './election.ts';
import { refused } from './faults.ts';
import { createHints } from './hints.ts';
import type { Phase } from './journal.ts';
import { awaitsTaking, followLying } from './lying-card.ts';
import { confirmHandedOver, declareAbandoned, goOnWithout } from './outstanding.ts';
import { createRoleCards, OFFICERS } from './role-cards.ts';
import type { Roll } from './roll.ts';
import { continueTakingBack, takeBack } from './take-back.ts';
import { createTarefePad } from './tarefe.ts';
import type { Terminals } from './terminals/terminals.ts';
import { viewOf } from './view.ts';

export interface AdmissionOptions {
  readonly election: AdmissionElection;
  readonly deviceSecretKey: Bytes;
  readonly crypto: Crypto;
  readonly random: RandomBytes;
  readonly clock: Clock;
  readonly links: { readonly reader: OpenReportLink };
  readonly stores: AdmissionStores;
  readonly roll: Roll;
  /** several terminals, or a second disk; its journal must be `stores.journal`'s own (`sharedJournal`) */
  readonly terminals?: Terminals | undefined;
  /** no province: `localClaims` */
  readonly claims: OpenClaims;
  /** something in the view has changed */
  readonly onChange: () => void;
  /** what no officer can mend: for the process log, without personal data */
  readonly onFailure: (what: string, cause: unknown) => void;
}

export interface AdmissionProcess {
  readonly handlers: Handlers<AdmissionCalls>;
  view(): AdmissionView;
  /** Ends when the step in hand has ended. The stores stay open: they are the caller's. */
  close(): Promise<void>;
}

/** Calls that may wait for the card of the one before. */
export const CALLS_WAITING_MAX = 32;
const SLOT_COUNT = 4;
/** What a disk did not take when a card came or went. */
export const FOLLOW_AGAIN_MS = 5_000;

type PersonOutput = Output<AdmissionCalls, 'person.read'>;

class Admission implements AdmissionProcess {
  readonly handlers: Handlers<AdmissionCalls>;
  readonly #options: AdmissionOptions;
  readonly #parts: PersonParts;
  readonly #notes: ReturnType<typeof createNotes>;
  readonly #claims: Claims;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    const { stores, clock, election } = options;
    this.#notes = createNotes(stores.log, clock, () => options.onFailure('log', new Error('log_full')));
    const reader = createReader({
      kind: 'admission',
      slotCount: SLOT_COUNT,
      open: options.links.reader,
      clock,
      random: options.random,
      onChange: () => this.#onReader(),
    });
    const note: DeskContext['note'] = (entry) => this.#notes.note(entry);
    this.#claims = options.claims({
      note,
      changed: options.onChange,
      failed: (cause) => options.onFailure('claims', cause),
    });
    const context: DeskContext = {
      ...options,
      claims: this.#claims,
      hints: createHints(),
      terminals: options.terminals,
      reader,
      // The simulated registry's key is public knowledge: never for an official count.
      registryKey: () =>
        stores.journal.station().mode === 'rehearsal' && election.package.demonstration
          ? SIMULATED_REGISTRY_PUBLIC_KEY
          : undefined,
      note,
      changed: options.onChange,
    };
    const desk = new DeskState();
    const roles = createRoleCards(context);
    const pad = createTarefePad(context);
    this.#parts = { context, desk, roles, pad, documents: createDocumentSlot(context) };
    stores.log.signWith({
      election: election.election,
      subject: admissionSubject(election.station.id, options.terminals?.here),
      secretKey: options.deviceSecretKey,
    });
    context.note({ event: 'process_started' });
    resume(this.#parts);
    this.#attach(options.terminals);
    this.handlers = this.#handlersOf();
  }

  #attach(terminals: Terminals | undefined): void {
    const { context, desk } = this.#parts;
    terminals?.attach({
      changed: () => this.#onReader(),
      note: (event) => context.note({ event }),
      close: () => {
        // A step under way may be writing a line: whoever asks, asks again.
        if (this.#waiting > 0 || desk.context.inHand || desk.name === 'arming') return false;
        this.#close();
        return true;
      },
      returned: (line) => {
        if (desk.name !== 'idle') return;
        context.stores.inHand.write({ kind: 'arm', admission: line }).then(
          () => resumeArming(this.#parts, line),
          (cause) => this.#options.onFailure('in-hand', cause),
        );
      },
    });
  }

  view(): AdmissionView {
    const { context, desk, roles } = this.#parts;
    return viewOf(context, desk, roles, { id: 'province', ...this.#claims.line() });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
    await this.#claims.close();
    this.#parts.context.note({ event: 'process_stopped' });
    this.#options.stores.log.checkpoint();
    this.#parts.context.reader.close();
  }

  /** One step at a time: two windows may call at once, and there is one desk. */
  #serially<Value>(run: () => Value | Promise<Value>): Promise<Value> {
    if (this.#closed || this.#waiting >= CALLS_WAITING_MAX) return Promise.reject(refused('busy'));
    this.#waiting++;
    const result = this.#tail.then(run);
    this.#tail = result
      .catch(() => undefined)
      .then(() => {
        this.#waiting--;
      });
    return result;
  }

  /** Cards come and go between calls: what follows from that is done behind the step in hand. */
  #onReader(): void {
    this.#options.onChange();
    if (this.#closed || this.#parts === undefined) return;
    const { desk, pad } = this.#parts;
    const wanted =
      (desk.name === 'arming' && pad.present() && !this.#waitsInVain()) ||
      (desk.name === 'armed' && !pad.present()) ||
      (desk.name === 'awaiting_approvals' && desk.arming?.laid !== pad.laid()) ||
      awaitsTaking(this.#parts);
    if (!wanted) return;
    this.#serially(() => this.#follow()).catch((cause) => {
      if (cause instanceof Refused) return;
      if (diskFaultOf(cause) === undefined) this.#options.onFailure('reader', cause);
      else this.#options.clock.after(FOLLOW_AGAIN_MS, () => this.#onReader());
    });
  }

  /** Her card waits for a second device, and none has come. */
  #waitsInVain(): boolean {
    const { context, desk } = this.#parts;
    const isWaiting = desk.context.refusal?.code === 'second_device_missing';
    return isWaiting && context.terminals?.standing().state === 'missing';
  }

  async #follow(): Promise<void> {
    const { context, desk, pad } = this.#parts;
    if (desk.name === 'armed' && !pad.present()) {
      desk.send({ type: 'CARD_TAKEN' });
      context.changed();
      if (awaitsTaking(this.#parts)) await followLying(this.#parts);
    } else if (awaitsTaking(this.#parts)) await followLying(this.#parts);
    else if (desk.name === 'awaiting_approvals' && desk.arming?.laid !== pad.laid()) {
      voidApprovals(this.#parts);
    } else if (desk.takingBack !== undefined) await continueTakingBack(this.#parts);
    else await continueArming(this.#parts);
  }

  #demandPhase(...phases: readonly Phase[]): void {
    const { phase } = this.#parts.context.stores.journal.station();
    if (!phases.includes(phase)) throw refused('wrong_phase', phase);
  }

  #person(): PersonOutput {
    const { desk } = this.#parts;
    return { state: desk.name, refusal: desk.context.refusal };
  }

  /** A step with the person at the desk: admission is open, or the doors are closed behind people inside. */
  #atDesk(run: () => void | Promise<void>): Promise<PersonOutput> {
    return this.#serially(async () => {
      this.#demandPhase('open', 'doors_closed');
      await run();
      return this.#person();
    });
  }

  async #open(mode: records.Mode, pins: { executive: string; supervisor: string }): Promise<void> {
    this.#demandPhase('set_up');
    const { context, roles } = this.#parts;
    if (mode === 'official' && context.election.package.demonstration) {
      context.note({ event: 'opening_refused', refusal: 'mode_not_allowed' });
      throw refused('mode_not_allowed');
    }
    for (const role of OFFICERS) await roles.unlock(role, pins[role]);
    const { journal } = context.stores;
    journal.setStation({ ...journal.station(), phase: 'open', mode });
    context.claims.owed();
    context.note({ event: 'opened' });
    context.changed();
  }

  #closeDoors(): void {
    this.#demandPhase('open');
    const { context } = this.#parts;
    const { journal } = context.stores;
    journal.setStation({ ...journal.station(), phase: 'doors_closed' });
    context.note({ event: 'doors_closed' });
    context.changed();
  }

  #close(): void {
    const { context, desk } = this.#parts;
    const { journal, log } = context.stores;
    desk.startOver();
    journal.setStation({ ...journal.station(), phase: 'closed' });
    // Only now: a line at the moment would say of the last few in which order they came.
    for (const [hint, times] of context.hints.times())
      context.note({ event: 'hint_raised', refusal: hint, counters: [times] });
    context.note({ event: 'closed' });
    log.checkpoint();
    context.changed();
  }

  /** Repeating it gives the same bytes: the ledger is closed and Ed25519 is deterministic. */
  async #summary(): Promise<string> {
    this.#demandPhase('doors_closed', 'closed');
    const { context, desk } = this.#parts;
    const { journal } = context.stores;
    if (desk.context.inHand) throw refused('admission_in_hand');
    const station = journal.station();
    if (station.mode === null) throw new Error('doors closed without a mode');
    if (station.phase !== 'closed') {
      const open = (await context.terminals?.closeAll()) ?? 0;
      if (open !== 0) throw refused('terminal_not_closed', String(open));
      this.#close();
    }
    const ledger = journal.ledger();
    const { election } = context;
    const summary: records.AdmissionSummary = {
      stationId: election.station.id,
      mode: station.mode,
      admitted: ledger.admitted,
      local: ledger.local,
      visiting: ledger.visiting,
      tarefeIssued: ledger.issued,
      tarefeReturned: ledger.returned,
      tarefeSpoiled: ledger.spoiled,
      tarefeAbandoned: ledger.abandoned,
      // In the order of their permanent codes, so that the record does not depend on who came first.
      byDocument: [...ledger.byDocument]
        .map(([document, count]) => ({ document, count }))
        .sort((a, b) => documentCode(a.document) - documentCode(b.document)),
      helped: ledger.helped,
      offline: ledger.offline,
    };
    const header = {
      type: 'admission-summary',
      election: election.election,
      signer: admissionSubject(election.station.id, context.terminals?.here),
    } as const;
    const { crypto, deviceSecretKey } = this.#options;
    return toHex(signTyped(crypto, deviceSecretKey, header, records.admissionSummaryShape, summary));
  }

  #handlersOf(): Handlers<AdmissionCalls> {
    const parts = this.#parts;
    const { context, desk, roles } = parts;
    return {
      'admission.open': ({ mode, executive_pin, supervisor_pin }) =>
        this.#serially(async () => {
          await this.#open(mode, { executive: executive_pin, supervisor: supervisor_pin });
          return {};
        }),
      'role.unlock': ({ role, pin }) =>
        this.#serially(async () => {
          await roles.unlock(role, pin);
          return {};
        }),
      'person.read': () => this.#atDesk(() => readPerson(parts)),
      'person.prove': (input) => this.#atDesk(() => provePerson(parts, input)),
      'person.enter': (input) => this.#atDesk(() => enterPerson(parts, input)),
      'person.decline': (input) => this.#atDesk(() => declineDocument(this.#parts, input)),
      'person.helped': ({ helped }) =>
        this.#serially(() => {
          if (desk.context.person === null || desk.context.inHand || desk.name === 'armed')
            throw refused('wrong_state', desk.name);
          desk.send({ type: 'HELP_NOTED', helped });
          context.changed();
          return {};
        }),
      'person.cancel': () => {
        // A finger or a PIN that a card still thinks about is not waited for. A tarefe card's step is never given up.
        if (desk.name === 'reading' || desk.name === 'needs_proof') context.reader.cancel();
        return this.#serially(() => {
          desk.startOver();
          context.changed();
          return {};
        });
      },
      'tarefe.approve': ({ role }) => this.#atDesk(() => pressApproval(parts, role)),
      'tarefe.take_back': ({ reason }) =>
        this.#serially(async () => {
          this.#demandPhase('open', 'doors_closed');
          await takeBack(parts, reason);
          return {};
        }),
      'tarefe.handed_over': () =>
        this.#serially(async () => {
          this.#demandPhase('open', 'doors_closed');
          await confirmHandedOver(parts);
          return {};
        }),
      'tarefe.declare_abandoned': ({ abandoned }) =>
        this.#serially(async () => {
          this.#demandPhase('doors_closed');
          await declareAbandoned(parts, abandoned);
          return {};
        }),
      'terminals.go_on': () =>
        this.#serially(async () => {
          this.#demandPhase('open', 'doors_closed');
          await goOnWithout(parts);
          // A card that waited for a second device goes on.
          this.#onReader();
          return {};
        }),
      'doors.close': () =>
        this.#serially(() => {
          this.#closeDoors();
          return {};
        }),
      'admission.summary': () => this.#serially(async () => ({ record: await this.#summary() })),
    };
  }
}

const documentCode = (document: records.DocumentKind): number =>
  records.documentKindShape.toCbor(document, '') as number;

/** Starts at once; without a reader it waits for one. */
export const createAdmission = (options: AdmissionOptions): AdmissionProcess => new Admission(options);
