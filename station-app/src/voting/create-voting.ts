/**
 * The voting side of a station, whole, without singletons: clock, randomness, links and stores are passed in, so that a
 * simulator can run many in one process and in virtual time.
 */

import { join } from 'node:path';
import { type Crypto, type RandomBytes, ROLE_SLOTS, type wire } from '@sandoq/protocol';
import type { ScreenRole } from '../contract/contract.ts';
import type { Handlers } from '../contract/socket.ts';
import type { VotingCalls } from '../contract/voting.ts';
import { type BoxEvent, type BoxLinkStatus, createBoxLink } from '../devices/box-link.ts';
import type { LinkIdentity } from '../devices/box-proof.ts';
import type { OpenByteLink } from '../devices/byte-link.ts';
import type { Clock } from '../devices/clock.ts';
import { createReader, type Reader } from '../devices/reader.ts';
import type { OpenReportLink } from '../devices/reader-link.ts';
import type { ReportPrinter } from '../devices/report-printer.ts';
import { type CloseEvent, type CloseState, closeMachine, closeStateAfterRestart } from '../machines/close.ts';
import { pureMachine } from '../machines/pure.ts';
import {
  type StationEvent,
  type StationState,
  stationMachine,
  stationStateAfterRestart,
} from '../machines/station.ts';
import { writeVerified } from '../outputs/export.ts';
import { type CandidatePictures, NO_PICTURES } from '../stores/candidate-pictures.ts';
import { bucketOf, type EventLog } from '../stores/event-log.ts';
import type { RecordsStore } from '../stores/records-store.ts';
import type { StateStore } from '../stores/state-store.ts';
import { createOutbox, type Outbox, type SendBundle } from '../sync/outbox.ts';
import { type Amender, type Amending, createAmending } from './amending.ts';
import { type Casting, createCasting } from './casting.ts';
import { restoreCommitment } from './closing.ts';
import { commitStage, inTurn, note, nowSeconds, type VotingContext } from './context.ts';
import { pausedFor } from './day-book.ts';
import type { LoadedElection } from './election.ts';
import { votingHandlers } from './handlers.ts';
import { restoreSession } from './opening.ts';
import { reconcileWithBox } from './reconciling.ts';
import type { SpawnRecount } from './recounting.ts';
import { createRoleSteps, identify, type RoleSteps } from './role-step.ts';
import { createSpacedDeed, LEDGERS_INTERVAL_MS, type SpacedDeed } from './spaced-deed.ts';
import { officerView, type ViewSources, voterView } from './views.ts';
import { createVoterSession, type VoterSession } from './voter-session.ts';

export interface VotingOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly crypto: Crypto;
  readonly election: LoadedElection;
  readonly identity: LinkIdentity;
  readonly links: { readonly box: OpenByteLink; readonly roleReader: OpenReportLink };
  readonly stores: {
    readonly records: RecordsStore;
    readonly state: StateStore;
    /** @param bucket the time that a line may carry */
    readonly openLog: (bucket: () => number) => EventLog;
  };
  /** none where nothing is shown to voters */
  readonly pictures?: CandidatePictures;
  readonly outFolder: string;
  /** null where the station has no line to the province */
  readonly sendBundle: SendBundle | null;
  readonly spawnRecount: SpawnRecount;
  /** null where the officers have none: papers are files then */
  readonly reportPrinter?: ReportPrinter | null;
  /** Takes amendments during the day; without it a record is unknown here. */
  readonly amender?: Amender | undefined;
  /** Called when a session has ended and nobody has begun another: what it left in memory is overwritten. */
  readonly scrubMemory: () => void;
  readonly onChange: () => void;
}

/** A voter's traces are removed this long after her session, unless the next voter has begun: then after hers. */
export const SCRUB_AFTER_MS = 250;

/** Paper that waits for a hand. */
const STOPPED: ReadonlySet<wire.PaperPath> = new Set(['jammed', 'out_of_paper', 'lost']);

export interface Voting {
  readonly handlers: Handlers<VotingCalls>;
  view(role: ScreenRole): unknown;
  close(): void;
}

class VotingCore implements Voting {
  readonly handlers: Handlers<VotingCalls>;
  readonly #options: VotingOptions;
  readonly #context: VotingContext;
  readonly #steps: RoleSteps;
  readonly #casting: Casting;
  readonly #voter: VoterSession;
  readonly #outbox: Outbox;
  readonly #amending: Amending;
  readonly #sources: ViewSources;
  #roleCards: { present: boolean; laid: number; reading: boolean; role: string | null }[] = [];
  #lastPaper: wire.PaperPath = 'idle';
  #lastLid = false;
  #linkedBefore = false;
  #cancelScrub = (): void => undefined;
  readonly #ledgers: SpacedDeed;

  constructor(options: VotingOptions) {
    this.#options = options;
    this.#context = this.#makeContext();
    this.#steps = createRoleSteps(this.#context);
    this.#ledgers = createSpacedDeed(options.clock, LEDGERS_INTERVAL_MS, () => {
      void this.#context.link.request('status', {});
    });
    const events = {
      onInWindow: () => this.#voter.onInWindow(),
      onFate: (fate: Parameters<VoterSession['onFate']>[0]) => {
        this.#voter.onFate(fate);
        this.#ledgers.ask();
      },
      onUnresolved: () => this.#voter.onUnresolved(),
    };
    this.#casting = createCasting(this.#context, events);
    this.#voter = createVoterSession(
      this.#context,
      () => this.#casting,
      () => this.#scrubSoon(),
    );
    this.#outbox = this.#makeOutbox();
    this.#amending = createAmending(this.#context, options.amender, () => this.#voter.refresh());
    this.#sources = {
      context: this.#context,
      steps: this.#steps,
      voter: this.#voter,
      outbox: () => this.#outbox.view(),
      provinceConfigured: options.sendBundle !== null,
      roleCards: () => this.#roleCards,
    };
    this.handlers = votingHandlers({
      context: this.#context,
      steps: this.#steps,
      casting: this.#casting,
      voter: this.#voter,
      amending: this.#amending,
      outbox: this.#outbox,
      hasProvince: options.sendBundle !== null,
      spawnRecount: options.spawnRecount,
      reportPrinter: options.reportPrinter ?? null,
      scrubSoon: () => this.#scrubSoon(),
    });
    note(this.#context, { event: 'process_started' });
    this.#voter.refresh();
    this.#resumeSending();
  }

  view(role: ScreenRole): unknown {
    return role === 'voter' ? voterView(this.#sources) : officerView(this.#sources);
  }

  close(): void {
    this.#cancelScrub();
    this.#ledgers.cancel();
    this.#amending.close();
    this.#outbox.close();
    this.#context.link.close();
    this.#context.reader.close();
    note(this.#context, { event: 'process_stopped' });
    this.#context.cancelFlush?.();
    this.#context.closed = true;
    this.#context.log.checkpoint();
    this.#context.log.close();
    this.#context.records.close();
    this.#context.state.close();
  }

  #makeContext(): VotingContext {
    const { clock, random, crypto, election, identity, stores, links, outFolder } = this.#options;
    const { state, records: store } = stores;
    const stationState = (state.snapshot('station') as StationState | undefined) ?? 'no_package';
    const closeState = (state.snapshot('close') as CloseState | undefined) ?? 'open';

    const context: VotingContext = {
      clock,
      random,
      crypto,
      election,
      identity,
      pictures: this.#options.pictures ?? NO_PICTURES,
      records: store,
      state,
      outFolder,
      station: pureMachine<StationState, StationEvent>(
        stationMachine,
        stationStateAfterRestart(stationState),
      ),
      closing: pureMachine<CloseState, CloseEvent>(closeMachine, closeStateAfterRestart(closeState)),
      log: stores.openLog(() => this.#bucket()),
      link: undefined as never,
      reader: undefined as never,
      box: undefined,
      counters: undefined,
      session: undefined,
      commitment: undefined,
      fault: undefined,
      progress: undefined,
      paused: pausedFor({ state }) !== undefined,
      closed: false,
      cancelFlush: undefined,
      withCards: inTurn(),
      changed: () => {
        if (!context.closed) this.#options.onChange();
      },
    };
    context.log.signWith({
      election: election.election,
      subject: identity.subject,
      secretKey: identity.secretKey,
    });
    context.session = restoreSession(context);
    context.commitment = restoreCommitment(context);
    if (context.station.state() === 'no_package')
      commitStage(context, { station: { type: 'PACKAGE_ACCEPTED' } });
    const reader: Reader = createReader({
      kind: 'role',
      slotCount: Object.keys(ROLE_SLOTS).length,
      open: links.roleReader,
      clock,
      random,
      onChange: (status) => this.#onReader(status.slots),
    });
    const link = createBoxLink({
      open: links.box,
      clock,
      random,
      crypto,
      identity,
      boxes: election.boxes,
      onChange: (status) => this.#onLink(status),
      onUp: () => void this.#onUp(),
      onEvent: (event) => this.#onEvent(event),
      onStatus: (status) => this.#onStatus(status),
    });
    return Object.assign(context, { link, reader });
  }

  /** Exact before opening and after the close, coarse in between. */
  #bucket(): number {
    const { settings } = this.#options.election;
    const now = nowSeconds(this.#options);
    const context: VotingContext | undefined = this.#context;
    if (context === undefined) return bucketOf(now, settings.timeBucketMinutes);
    const coarse = context.station.state() === 'open' && context.commitment === undefined;
    return coarse ? bucketOf(now, settings.timeBucketMinutes) : now;
  }

  #makeOutbox(): Outbox {
    const { clock, random, crypto, election, sendBundle } = this.#options;
    return createOutbox(
      {
        clock,
        random,
        crypto,
        directory: election.directory,
        election: election.election,
        send: sendBundle ?? (() => Promise.resolve({ kind: 'unreachable' })),
        onReceipt: (receipt) => {
          commitStage(this.#context, { closing: { type: 'RECEIPT_KEPT' } }, { receipt });
          writeVerified(join(this.#options.outFolder, `${election.station.id}.receipt.cose`), receipt);
          note(this.#context, { event: 'slip_sent' }, { event: 'receipt_kept' });
          this.#context.log.checkpoint();
        },
        onChange: (view) => {
          if (view.state === 'waiting' && view.tries === 1)
            note(this.#context, { event: 'sending_failed', refusal: view.code ?? 'province_unreachable' });
          this.#context.changed();
        },
      },
      this.#context.state.fact('receipt') !== undefined,
    );
  }

  #scrubSoon(): void {
    this.#cancelScrub();
    this.#cancelScrub = this.#options.clock.after(SCRUB_AFTER_MS, () => {
      if (this.#voter.ballot() === undefined) this.#options.scrubMemory();
    });
  }

  #resumeSending(): void {
    const bundle = this.#context.state.fact('bundle');
    if (bundle === undefined || this.#options.sendBundle === null) return;
    if (this.#context.state.fact('receipt') === undefined) void this.#outbox.send(bundle);
  }

  #onReader(slots: readonly { readonly present: boolean; readonly laid: number }[]): void {
    const before = this.#roleCards;
    this.#roleCards = slots.map(({ present, laid }, i) => {
      const old = before[i];
      return old !== undefined && old.present === present && old.laid === laid
        ? old
        : { present, laid, reading: present, role: null };
    });
    for (const [name, index] of Object.entries(ROLE_SLOTS) as [keyof typeof ROLE_SLOTS, number][]) {
      const card = this.#roleCards[index];
      if (card === undefined || !card.present || card === before[index]) continue;
      // Selecting forgets a PIN, so a card is asked who it is once, when it is laid, before any step uses it.
      void this.#context
        .withCards(() => identify(this.#context, name))
        .then(
          ({ identity }) => {
            card.role = identity.role;
            card.reading = false;
            this.#context.changed();
          },
          () => {
            card.reading = false;
            this.#context.changed();
          },
        );
    }
    this.#options.onChange();
  }

  #onLink(status: BoxLinkStatus): void {
    if (status.state === 'connected') {
      if (!this.#linkedBefore) note(this.#context, { event: 'device_connected' });
      this.#linkedBefore = true;
    } else if (this.#linkedBefore && status.state !== 'connecting') {
      this.#linkedBefore = false;
      this.#context.box = undefined;
      note(this.#context, { event: 'device_lost', refusal: status.code ?? 'link_lost' });
      this.#casting.onLinkLost();
      this.#voter.onLinkLost();
    }
    this.#options.onChange();
  }

  async #onUp(): Promise<void> {
    const found = this.#context.records.pending() !== undefined;
    if (!(await reconcileWithBox(this.#context))) return;
    if (found && this.#casting.state() !== 'printing') {
      await this.#casting.reconcile();
      note(this.#context, { event: 'reconciled' });
    }
    this.#voter.onLinkUp();
    if (this.#context.box !== undefined) this.#onStatus(this.#context.box);
  }

  #onEvent(event: BoxEvent): void {
    if (event.kind === 'key_event') this.#voter.onKey(event.body.key);
    else if (event.kind === 'outcome_event') this.#casting.onOutcomeEvent(event.body);
    else {
      const { paper, pad, lidOpen } = event.body;
      if (this.#context.box !== undefined) this.#context.box = { ...this.#context.box, paper, pad, lidOpen };
      this.#noteMechanics(paper, lidOpen);
      this.#voter.onPad(pad);
    }
    this.#context.changed();
  }

  #onStatus(status: wire.StatusReply): void {
    const before = this.#context.box;
    this.#context.box = status;
    this.#context.counters = status.counters;
    this.#noteMechanics(status.paper, status.lidOpen);
    if (before !== undefined && status.boots > before.boots) note(this.#context, { event: 'power_restored' });
    this.#casting.onStatus(status);
    this.#voter.onPad(status.pad);
    this.#context.changed();
  }

  #noteMechanics(paper: wire.PaperPath, lidOpen: boolean): void {
    if (paper !== this.#lastPaper) {
      if (paper === 'jammed') note(this.#context, { event: 'paper_jammed' });
      if (paper === 'out_of_paper') note(this.#context, { event: 'paper_out' });
      const wasStopped = STOPPED.has(this.#lastPaper);
      this.#lastPaper = paper;
      if (wasStopped && paper === 'idle') this.#voter.onMended();
    }
    if (lidOpen && !this.#lastLid) note(this.#context, { event: 'lid_opened' });
    this.#lastLid = lidOpen;
  }
}

export const createVoting = (options: VotingOptions): Voting => new VotingCore(options);
