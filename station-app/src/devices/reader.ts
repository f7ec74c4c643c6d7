/**
 * The host side of a card reader: channels, one APDU or script at a time, slots, heartbeat, reconnection. It supervises its own
 * link: whatever goes wrong there ends the exchange in hand with a named fault, and the link is opened again after a
 * growing pause, while the process goes on.
 */
import {
  type ApduAnswer,
  BROADCAST_CHANNEL,
  type Bytes,
  concatBytes,
  createReportReader,
  encodeReports,
  encodeScript,
  equalBytes,
  failure,
  HID_COMMANDS,
  HID_ERRORS,
  type HidMessage,
  type RandomBytes,
  READER_CAPABILITIES,
  READER_KINDS,
  REPORT_BYTES,
  type Result,
  STATUS_WORDS,
  success,
} from '@sandoq/protocol';
import type { Clock } from './clock.ts';
import {
  faultOfError,
  type ReaderFault,
  readAnswer,
  readScript,
  type ScriptOutcome,
} from './reader-answers.ts';
import type { OpenReportLink, ReportLink } from './reader-link.ts';

/** An APDU that makes a card sign or a finger be matched; keep-alives extend it. */
export const EXCHANGE_TIMEOUT_MS = 5_000;
export const INIT_TIMEOUT_MS = 2_000;
/** Unplugging a HID device is silent: an idle link is asked for a sign of life this often. */
export const HEARTBEAT_INTERVAL_MS = 1_000;
export const HEARTBEAT_TIMEOUT_MS = 1_000;
export const BUSY_TRIES_MAX = 8;
export const BUSY_WAIT_MS = 10;
export const RECONNECT_MIN_MS = 100;
export const RECONNECT_MAX_MS = 5_000;
export const EXCHANGES_WAITING_MAX = 32;
/** Keep-alives that one exchange may live on: at the customary 100 ms, half a minute. */
export const KEEPALIVES_MAX = 300;
export const SLOTS_MAX = 8;

export interface ReaderSlot {
  readonly present: boolean;
  /** Grows whenever another card may be lying there: what was known of the old one (PIN given, applet) is void. */
  readonly laid: number;
}

export interface ReaderStatus {
  readonly state: 'connecting' | 'connected' | 'lost' | 'fault';
  readonly code: ReaderFault | null;
  readonly slots: readonly ReaderSlot[];
}

export interface Reader {
  status(): ReaderStatus;
  /** One command to the card in a slot. Exchanges are done in the order asked. */
  exchange(slot: number, apdu: Bytes): Promise<Result<ApduAnswer, ReaderFault>>;
  /**
   * Commands to the card in a slot, of which none needs the answer of one before; they end at the first that is not
   * answered by 9000. In one message where the reader knows scripts, else one by one: a reader that says it knows them and
   * then does not is given none any more. Fails where none was answered.
   * @throws RangeError beyond the bounds of `encodeScript`
   */
  script(slot: number, apdus: readonly Bytes[]): Promise<Result<ScriptOutcome, ReaderFault>>;
  /** Gives up the exchange in hand, where the reader still can: it ends as `reader_cancelled`, or as if never asked. */
  cancel(): void;
  close(): void;
}

export interface ReaderOptions {
  readonly kind: keyof typeof READER_KINDS;
  readonly slotCount: number;
  readonly open: OpenReportLink;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** After each change of state or slots. */
  readonly onChange: (status: ReaderStatus) => void;
}

type Outcome = Result<Bytes, ReaderFault>;
/** @param error of HID_ERRORS, where the reader answered by one */
type Settle = (outcome: Outcome, error?: number) => void;

interface Request {
  readonly command: number;
  readonly data: Bytes;
  readonly timeoutMs: number;
  readonly settle: Settle;
  busyTries: number;
  keepalives: number;
}

const NOTHING = (): void => undefined;
const INIT_NONCE_BYTES = 8;
/** A reader of the first form says nothing of what it can do: its answer ends a byte earlier. */
const INIT_REPLY_BYTES_MIN = INIT_NONCE_BYTES + 6;
const INIT_REPLY_BYTES_MAX = INIT_REPLY_BYTES_MIN + 1;

const uint32 = (bytes: Bytes, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);

class ReaderClient implements Reader {
  readonly #options: ReaderOptions;
  #link: ReportLink | undefined;
  /** Counts links: what an old one still delivers is not listened to. */
  #generation = 0;
  /** the broadcast channel until INIT gave us our own */
  #channel = BROADCAST_CHANNEL;
  #knowsScripts = false;
  /** It said that it knows scripts, and then did not: it is not believed again, on no link. */
  #failedAtScripts = false;
  #own = createReportReader();
  #broadcast = createReportReader();
  #initNonce: Bytes = new Uint8Array(INIT_NONCE_BYTES);
  #current: Request | undefined;
  #waiting: Request[] = [];
  #cancelTimer = NOTHING;
  #cancelHeartbeat = NOTHING;
  #failures = 0;
  #closed = false;
  #status: ReaderStatus;

  constructor(options: ReaderOptions) {
    this.#options = options;
    const slots = Array.from({ length: options.slotCount }, () => ({ present: false, laid: 0 }));
    this.#status = { state: 'connecting', code: null, slots };
    this.#connect();
  }

  status(): ReaderStatus {
    return this.#status;
  }

  exchange(slot: number, apdu: Bytes): Promise<Result<ApduAnswer, ReaderFault>> {
    return this.#ask(slot, apdu, readAnswer);
  }

  script(slot: number, apdus: readonly Bytes[]): Promise<Result<ScriptOutcome, ReaderFault>> {
    const script = encodeScript({ slot, commands: apdus });
    if (!this.#knowsScripts || this.#failedAtScripts) return this.#oneByOne(slot, apdus);
    return new Promise((resolve) => {
      this.#request(HID_COMMANDS.script, script, EXCHANGE_TIMEOUT_MS, (outcome, error) => {
        if (error === HID_ERRORS.invalid_command) {
          this.#failedAtScripts = true;
          // The card has got none of them.
          resolve(this.#oneByOne(slot, apdus));
        } else if (!outcome.ok) resolve(outcome);
        else {
          const isOurs = outcome.value[0] === slot;
          const said = isOurs ? readScript(outcome.value, apdus.length, this.#laid(slot)) : undefined;
          if (said === undefined) this.#failedAtScripts = true;
          resolve(said ?? this.#malformed());
        }
      });
    });
  }

  async #oneByOne(slot: number, apdus: readonly Bytes[]): Promise<Result<ScriptOutcome, ReaderFault>> {
    const answers: ApduAnswer[] = [];
    // Of the first answer: a card laid since has neither the applet selected nor the PIN that the next command needs.
    let laid = 0;
    for (const apdu of apdus) {
      const answer = await this.#ask(slot, apdu, (message) => {
        if (answers.length === 0) laid = this.#laid(slot);
        return readAnswer(message);
      });
      if (!answer.ok)
        return answers.length === 0 ? answer : success({ answers, stopped: answer.fault, laid });
      answers.push(answer.value);
      if (answer.value.statusWord !== STATUS_WORDS.ok) break;
    }
    return success({ answers, stopped: undefined, laid });
  }

  #laid(slot: number): number {
    return this.#status.slots[slot]?.laid ?? 0;
  }

  /** @param read is called at once when the answer has come, before any later report is looked at. */
  #ask<Value>(
    slot: number,
    apdu: Bytes,
    read: (message: Bytes) => Result<Value, ReaderFault>,
  ): Promise<Result<Value, ReaderFault>> {
    const data = concatBytes(Uint8Array.of(slot), apdu);
    return new Promise((resolve) => {
      this.#request(HID_COMMANDS.apdu, data, EXCHANGE_TIMEOUT_MS, (outcome) => {
        if (!outcome.ok) resolve(outcome);
        else resolve(outcome.value[0] === slot ? read(outcome.value) : this.#malformed());
      });
    });
  }

  #malformed(): Result<never, ReaderFault> {
    this.#lose('reader_malformed');
    return failure('reader_malformed');
  }

  cancel(): void {
    const asked = this.#current?.command;
    if (asked !== HID_COMMANDS.apdu && asked !== HID_COMMANDS.script) return;
    const command = HID_COMMANDS.cancel;
    this.#link?.write(encodeReports({ channel: this.#channel, command, data: new Uint8Array(0) }));
  }

  close(): void {
    this.#closed = true;
    this.#lose('reader_lost');
  }

  #connect(): void {
    const mine = ++this.#generation;
    const live = (): boolean => mine === this.#generation && !this.#closed;
    this.#own = createReportReader();
    this.#broadcast = createReportReader();
    this.#setStatus({ state: 'connecting' });
    const opening = this.#options.open({
      onReport: (report) => {
        if (live()) this.#onReport(report);
      },
      onEnd: () => {
        if (live()) this.#lose('reader_lost');
      },
    });
    opening.then(
      (opened) => {
        if (live()) this.#begin(opened);
        else opened.close();
      },
      () => {
        if (live()) this.#lose('reader_absent');
      },
    );
  }

  #begin(opened: ReportLink): void {
    this.#link = opened;
    this.#initNonce = this.#options.random(INIT_NONCE_BYTES);
    this.#wait(INIT_TIMEOUT_MS);
    opened.write(
      encodeReports({ channel: BROADCAST_CHANNEL, command: HID_COMMANDS.init, data: this.#initNonce }),
    );
  }

  /** Ends this link and everything that waits on it; opens another after a pause. */
  #lose(code: ReaderFault): void {
    this.#generation++;
    this.#link?.close();
    this.#link = undefined;
    this.#cancelTimer();
    this.#cancelHeartbeat();
    const ended = this.#current === undefined ? this.#waiting : [this.#current, ...this.#waiting];
    this.#current = undefined;
    this.#waiting = [];
    this.#channel = BROADCAST_CHANNEL;
    if (!this.#closed) {
      const pauseMs = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** Math.min(this.#failures, 10));
      this.#failures++;
      this.#cancelTimer = this.#options.clock.after(pauseMs, () => this.#connect());
      const fault = code === 'reader_of_other_kind' || code === 'reader_malformed';
      const slots = this.#status.slots.map((slot) => ({ present: false, laid: slot.laid }));
      this.#setStatus({ state: fault ? 'fault' : 'lost', code, slots });
    }
    for (const request of ended) request.settle(failure(code));
  }

  #setStatus(next: Partial<ReaderStatus>): void {
    this.#status = { ...this.#status, ...next };
    this.#options.onChange(this.#status);
  }

  #setSlots(states: Bytes): void {
    const slots = this.#status.slots.map((slot, index): ReaderSlot => {
      const present = states[index] === 1;
      if (present === slot.present) return slot;
      return { present, laid: present ? slot.laid + 1 : slot.laid };
    });
    if (slots.some((slot, index) => slot !== this.#status.slots[index])) this.#setStatus({ slots });
  }

  #wait(timeoutMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(timeoutMs, () => this.#lose('reader_timeout'));
  }

  #request(command: number, data: Bytes, timeoutMs: number, settle: Settle): void {
    if (this.#channel === BROADCAST_CHANNEL) settle(failure('reader_lost'));
    else if (this.#waiting.length >= EXCHANGES_WAITING_MAX) settle(failure('queue_full'));
    else {
      this.#waiting.push({ command, data, timeoutMs, settle, busyTries: 0, keepalives: 0 });
      if (this.#current === undefined) this.#startNext();
    }
  }

  #transmit(request: Request): void {
    this.#wait(request.timeoutMs);
    const { command, data } = request;
    this.#link?.write(encodeReports({ channel: this.#channel, command, data }));
  }

  #startNext(): void {
    this.#cancelHeartbeat();
    this.#current = this.#waiting.shift();
    if (this.#current === undefined)
      this.#cancelHeartbeat = this.#options.clock.after(HEARTBEAT_INTERVAL_MS, () => this.#beat());
    else this.#transmit(this.#current);
  }

  #beat(): void {
    const sent = this.#options.random(INIT_NONCE_BYTES);
    this.#request(HID_COMMANDS.ping, sent, HEARTBEAT_TIMEOUT_MS, (outcome) => {
      if (outcome.ok && !equalBytes(outcome.value, sent)) this.#lose('reader_malformed');
    });
  }

  #settleCurrent(outcome: Outcome, error?: number): void {
    const settled = this.#current;
    this.#current = undefined;
    this.#cancelTimer();
    this.#cancelTimer = NOTHING;
    this.#startNext();
    settled?.settle(outcome, error);
  }

  #onReport(report: Bytes): void {
    if (report.length !== REPORT_BYTES) {
      this.#lose('reader_malformed');
      return;
    }
    const from = uint32(report, 0);
    const own = from === this.#channel && from !== BROADCAST_CHANNEL;
    if (!own && from !== BROADCAST_CHANNEL) return; // another host's conversation
    // Two assemblers: a card's coming may be announced between the reports of an answer.
    const outcome = (own ? this.#own : this.#broadcast).push(report);
    if (outcome.kind === 'fault' && own) this.#onMalformedAnswer();
    else if (outcome.kind === 'fault') this.#lose('reader_malformed');
    else if (outcome.kind === 'message') {
      if (own) this.#onOwn(outcome.message);
      else this.#onBroadcast(outcome.message);
    }
  }

  #onBroadcast(message: HidMessage): void {
    const initialised = this.#channel !== BROADCAST_CHANNEL;
    if (message.command === HID_COMMANDS.slots && initialised) this.#setSlots(message.data);
    else if (message.command === HID_COMMANDS.init && !initialised) this.#onInitReply(message.data);
  }

  #onInitReply(data: Bytes): void {
    // Another host's INIT is answered on the same broadcast channel: the nonce tells whose it is.
    const ours = equalBytes(data.subarray(0, INIT_NONCE_BYTES), this.#initNonce);
    if (!ours) return;
    const isWhole = data.length >= INIT_REPLY_BYTES_MIN && data.length <= INIT_REPLY_BYTES_MAX;
    const channel = isWhole ? uint32(data, INIT_NONCE_BYTES) : 0;
    const slotCount = data[INIT_NONCE_BYTES + 5] as number;
    if (channel === 0 || channel === BROADCAST_CHANNEL) this.#lose('reader_malformed');
    else if (
      data[INIT_NONCE_BYTES + 4] !== READER_KINDS[this.#options.kind] ||
      slotCount < this.#options.slotCount ||
      slotCount > SLOTS_MAX
    )
      this.#lose('reader_of_other_kind');
    else {
      this.#channel = channel;
      const capabilities = data[INIT_REPLY_BYTES_MIN] ?? 0;
      this.#knowsScripts = (capabilities & READER_CAPABILITIES.scripts) !== 0;
      this.#cancelTimer();
      this.#cancelTimer = NOTHING;
      // "Connected" is said when the slots are known, so that nobody acts on stale ones.
      this.#request(HID_COMMANDS.slots, new Uint8Array(0), EXCHANGE_TIMEOUT_MS, (outcome) => {
        if (!outcome.ok) return;
        this.#failures = 0;
        this.#status = { ...this.#status, state: 'connected', code: null };
        this.#setSlots(outcome.value);
        this.#options.onChange(this.#status);
      });
    }
  }

  #onOwn(message: HidMessage): void {
    const current = this.#current;
    if (current === undefined) return; // an answer that nobody waits for
    if (message.command === HID_COMMANDS.keepalive) {
      if (++current.keepalives > KEEPALIVES_MAX) this.#lose('reader_timeout');
      else this.#wait(current.timeoutMs);
    } else if (message.command === HID_COMMANDS.error) {
      if (message.data[0] === HID_ERRORS.channel_busy) this.#onBusy(current);
      else this.#settleCurrent(failure(faultOfError(message.data[0])), message.data[0]);
    } else if (message.command !== current.command) this.#onMalformedAnswer();
    else this.#settleCurrent(success(message.data));
  }

  #onMalformedAnswer(): void {
    if (this.#current?.command === HID_COMMANDS.script) this.#failedAtScripts = true;
    this.#lose('reader_malformed');
  }

  #onBusy(busy: Request): void {
    if (busy.busyTries >= BUSY_TRIES_MAX) {
      this.#settleCurrent(failure('reader_busy'));
      return;
    }
    this.#cancelTimer();
    const pauseMs = BUSY_WAIT_MS * 2 ** busy.busyTries;
    this.#cancelTimer = this.#options.clock.after(pauseMs, () => this.#transmit(busy));
    busy.busyTries++;
  }
}

/** Starts connecting at once. */
export const createReader = (options: ReaderOptions): Reader => new ReaderClient(options);
