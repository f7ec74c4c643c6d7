/**
 * The card reader: reports in, reports out. Several hosts may have it open (as with hidraw); each takes channels by
 * `init`. One APDU, or one script of them, runs at a time; another channel that asks meanwhile is told `channel_busy`.
 */
import {
  BROADCAST_CHANNEL,
  type Bytes,
  concatBytes,
  createReportReader,
  decodeScript,
  encodeReports,
  encodeScriptAnswer,
  HID_COMMANDS,
  HID_ERRORS,
  HID_MESSAGE_BYTES_MAX,
  type HidMessage,
  INS,
  isScriptAnswerOk,
  PIV,
  READER_CAPABILITIES,
  READER_KINDS,
  scriptAnswerFits,
} from '@sandoq/protocol';
import type { Card } from '../cards/card.ts';

export type ReaderKind = keyof typeof READER_KINDS;

/** Channels that one host may hold; the oldest is forgotten. A host that leaks them loses its own. */
export const CHANNELS_PER_HOST_MAX = 16;
export const KEEPALIVE_INTERVAL_MS = 100;
/** A message begun and not ended, by a host that died, holds the line no longer than this (CTAP 2.1 section 11.2.5.2). */
export const REASSEMBLY_TIMEOUT_MS = 3_000;
const INIT_NONCE_BYTES = 8;
/** First number given out; 0 is reserved by CTAPHID. */
const FIRST_CHANNEL = 1;

/** How long a card takes to think, in real time; 0 answers at once. */
export type ApduDuration = (apdu: Bytes) => number;
export const noDuration: ApduDuration = () => 0;
/** Chips sign in about a tenth of a second and read faster. */
export const chipDuration: ApduDuration = (apdu) => {
  const ins = apdu[1];
  const signs = ins === INS.approve || ins === INS.general_authenticate || ins === INS.release_count_key;
  return signs ? 180 : ins === INS.tarefe_arm ? 120 : 25;
};

export interface ReaderHost {
  /** One report of 64 bytes. Never throws. */
  push(report: Bytes): void;
  close(): void;
}

export interface ReaderDevice {
  /** @param send takes all reports of one message at once. */
  attach(send: (reports: readonly Bytes[]) => void): ReaderHost;
  slotOf(slot: number): Card | undefined;
  setSlot(slot: number, card: Card | undefined): void;
  /** The finger on the sensor: its template, or none. */
  setFinger(template: Bytes | undefined): void;
}

export interface ReaderSettings {
  readonly kind: ReaderKind;
  readonly slots: number;
  readonly duration: ApduDuration;
}

interface Host {
  readonly send: (reports: readonly Bytes[]) => void;
  readonly channels: number[];
}

type HidErrorName = keyof typeof HID_ERRORS;

/** VERIFY of the primary finger without a template: the sensor puts its own in, so that none passes the host. */
export function withFinger(apdu: Bytes, template: Bytes | undefined): Bytes {
  const asksForFinger =
    apdu[0] === 0 && apdu[1] === INS.verify_pin && apdu[2] === 0 && apdu[3] === PIV.primary_finger;
  const body = apdu.subarray(4);
  const empty = body.length === 0 || body.every((byte) => byte === 0);
  if (!asksForFinger || !empty || template === undefined) return apdu;
  return concatBytes(apdu.subarray(0, 4), Uint8Array.of(template.length), template);
}

const uint32 = (value: number): Bytes =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);

function tell(host: Host, channel: number, command: number, data: Bytes): void {
  host.send(encodeReports({ channel, command, data }));
}
function fail(host: Host, channel: number, error: HidErrorName): void {
  tell(host, channel, HID_COMMANDS.error, Uint8Array.of(HID_ERRORS[error]));
}

/** One APDU, or the commands of a script, on their way to the card that lay in the slot when they came. */
interface Asked {
  readonly host: Host;
  readonly channel: number;
  readonly slot: number;
  readonly commands: readonly Bytes[];
}
interface Job extends Asked {
  readonly isScript: boolean;
  /** of the slot: another card, or the same laid again, is not asked */
  readonly laid: number;
  readonly answers: Bytes[];
}

function isEnded({ commands, answers }: Job): boolean {
  const last = answers.at(-1);
  return last !== undefined && (answers.length === commands.length || !isScriptAnswerOk(last));
}

/** What the card has said, or why it has said nothing. */
function tellOutcome(job: Job, stop: HidErrorName | undefined): void {
  const { host, channel, slot, answers, isScript } = job;
  const [first] = answers;
  if (first === undefined) fail(host, channel, stop ?? 'other');
  else if (isScript) {
    const code = stop === undefined ? 0 : HID_ERRORS[stop];
    tell(host, channel, HID_COMMANDS.script, encodeScriptAnswer({ slot, stop: code, answers }));
  } else tell(host, channel, HID_COMMANDS.apdu, concatBytes(Uint8Array.of(slot), first));
}

class SimulatedReader implements ReaderDevice {
  readonly #settings: ReaderSettings;
  readonly #slots: (Card | undefined)[];
  /** Counts, for each slot, what came and went. */
  readonly #laid: number[];
  readonly #hosts = new Set<Host>();
  #finger: Bytes | undefined;
  #nextChannel = FIRST_CHANNEL;
  /** An APDU or a script is under way: meanwhile no other is begun, and no coming and going is announced. */
  #isAtWork = false;
  /** slots whose card came or went meanwhile */
  readonly #disturbed = new Set<number>();
  /** the command that a card is thinking about, and how its job is given up */
  #inThought: { readonly host: Host; readonly channel: number; readonly giveUp: () => void } | undefined;

  constructor(settings: ReaderSettings) {
    this.#settings = settings;
    this.#slots = Array.from({ length: settings.slots });
    this.#laid = this.#slots.map(() => 0);
  }

  attach(send: (reports: readonly Bytes[]) => void): ReaderHost {
    const host: Host = { send, channels: [] };
    this.#hosts.add(host);
    let reports = createReportReader();
    let halfHeard: NodeJS.Timeout | undefined;
    return {
      push: (report) => {
        const outcome = reports.push(report);
        // A fault is another's report in between: it leaves the message that was begun, and its time.
        if (outcome.kind !== 'fault') clearTimeout(halfHeard);
        if (outcome.kind === 'more') {
          halfHeard = setTimeout(() => {
            reports = createReportReader();
          }, REASSEMBLY_TIMEOUT_MS);
          halfHeard.unref();
        }
        if (outcome.kind === 'fault') fail(host, outcome.channel, outcome.error);
        if (outcome.kind !== 'message') return;
        const refused = this.#take(host, outcome.message);
        if (refused !== undefined) fail(host, outcome.message.channel, refused);
      },
      close: () => {
        clearTimeout(halfHeard);
        this.#hosts.delete(host);
      },
    };
  }

  slotOf(slot: number): Card | undefined {
    return this.#slots[slot];
  }

  setSlot(slot: number, card: Card | undefined): void {
    if (slot >= this.#slots.length) throw new RangeError(`the reader has no slot ${slot}`);
    if (this.#slots[slot] === card) return;
    this.#slots[slot]?.reset();
    this.#slots[slot] = card;
    this.#laid[slot] = (this.#laid[slot] as number) + 1;
    card?.reset();
    if (this.#isAtWork) this.#disturbed.add(slot);
    else this.#announce(this.#occupied());
  }

  #announce(occupied: Bytes): void {
    for (const host of this.#hosts) tell(host, BROADCAST_CHANNEL, HID_COMMANDS.slots, occupied);
  }

  setFinger(template: Bytes | undefined): void {
    this.#finger = template;
  }

  #occupied(): Bytes {
    return Uint8Array.from(this.#slots, (card) => (card === undefined ? 0 : 1));
  }

  /** @returns the error that the host is to be told, if any. */
  #take(host: Host, message: HidMessage): HidErrorName | undefined {
    const { channel, command, data } = message;
    if (command === HID_COMMANDS.init) return this.#init(host, message);
    if (!host.channels.includes(channel)) return 'invalid_channel';
    switch (command) {
      case HID_COMMANDS.ping:
        tell(host, channel, HID_COMMANDS.ping, data);
        return undefined;
      case HID_COMMANDS.slots:
        tell(host, channel, HID_COMMANDS.slots, this.#occupied());
        return undefined;
      case HID_COMMANDS.apdu:
        return this.#exchange(host, message);
      case HID_COMMANDS.script:
        return this.#runScript(host, message);
      case HID_COMMANDS.cancel:
        // CTAPHID: no answer of its own. What a card has begun cannot be taken back.
        if (this.#inThought?.host === host && this.#inThought.channel === channel) this.#inThought.giveUp();
        return undefined;
      default:
        return 'invalid_command';
    }
  }

  #init(host: Host, message: HidMessage): HidErrorName | undefined {
    if (message.data.length !== INIT_NONCE_BYTES) return 'invalid_length';
    let channel = message.channel;
    if (channel === BROADCAST_CHANNEL) {
      channel = this.#nextChannel;
      this.#nextChannel = channel >= BROADCAST_CHANNEL - 1 ? FIRST_CHANNEL : channel + 1;
      host.channels.push(channel);
      if (host.channels.length > CHANNELS_PER_HOST_MAX) host.channels.shift();
    } else if (!host.channels.includes(channel)) return 'invalid_channel';
    const { kind, slots } = this.#settings;
    const about = Uint8Array.of(READER_KINDS[kind], slots, READER_CAPABILITIES.scripts);
    tell(host, message.channel, HID_COMMANDS.init, concatBytes(message.data, uint32(channel), about));
    return undefined;
  }

  #exchange(host: Host, message: HidMessage): HidErrorName | undefined {
    const slot = message.data[0];
    if (slot === undefined) return 'invalid_length';
    return this.#begin({ host, channel: message.channel, slot, commands: [message.data.subarray(1)] }, false);
  }

  #runScript(host: Host, message: HidMessage): HidErrorName | undefined {
    const script = decodeScript(message.data);
    if (script === undefined) return 'invalid_length';
    return this.#begin({ host, channel: message.channel, ...script }, true);
  }

  #begin(asked: Asked, isScript: boolean): HidErrorName | undefined {
    const { slot } = asked;
    if (slot >= this.#slots.length) return 'slot_unknown';
    if (this.#isAtWork) return 'channel_busy';
    if (this.#slots[slot] === undefined) return 'no_card';
    this.#isAtWork = true;
    this.#goOn({ ...asked, isScript, laid: this.#laid[slot] as number, answers: [] });
    return undefined;
  }

  /** Gives the card its commands until one is to be thought about, or the job has ended. */
  #goOn(job: Job): void {
    while (!isEnded(job)) {
      const apdu = withFinger(job.commands[job.answers.length] as Bytes, this.#finger);
      const duration = this.#settings.duration(apdu);
      if (duration > 0) {
        this.#think(job, apdu, duration);
        return;
      }
      const stop = this.#transmit(job, apdu);
      if (stop !== undefined) {
        this.#end(job, stop);
        return;
      }
    }
    this.#end(job, undefined);
  }

  #think(job: Job, apdu: Bytes, duration: number): void {
    const { host, channel } = job;
    const alive = setInterval(
      () => tell(host, channel, HID_COMMANDS.keepalive, Uint8Array.of(1)),
      KEEPALIVE_INTERVAL_MS,
    );
    const stopThinking = (): void => {
      clearInterval(alive);
      clearTimeout(thinking);
      this.#inThought = undefined;
    };
    const thinking = setTimeout(() => {
      stopThinking();
      const stop = this.#hosts.has(host) ? this.#transmit(job, apdu) : 'other';
      if (stop === undefined) this.#goOn(job);
      else this.#end(job, stop);
    }, duration);
    const giveUp = (): void => {
      stopThinking();
      this.#end(job, 'cancelled');
    };
    this.#inThought = { host, channel, giveUp };
  }

  /** @returns why there is no answer. A card that was torn away meanwhile gives none, wherever it lies now. */
  #transmit(job: Job, apdu: Bytes): HidErrorName | undefined {
    const card = this.#slots[job.slot];
    if (card === undefined || this.#laid[job.slot] !== job.laid) return 'no_card';
    const answer = card.transmit(apdu);
    // Plastic without a chip: the field sees something, and nothing answers in it.
    if (answer.length === 0) return 'timeout';
    const fits = job.isScript
      ? scriptAnswerFits([...job.answers, answer])
      : 1 + answer.length <= HID_MESSAGE_BYTES_MAX;
    if (!fits) return 'answer_too_long';
    job.answers.push(answer);
    return undefined;
  }

  /** The answer, and behind it what came and went meanwhile: so a host knows of which laying the answer is. */
  #end(job: Job, stop: HidErrorName | undefined): void {
    if (this.#hosts.has(job.host)) tellOutcome(job, stop);
    this.#isAtWork = false;
    if (this.#disturbed.size === 0) return;
    const now = this.#occupied();
    const between = now.map((state, slot) => (this.#disturbed.has(slot) ? 0 : state));
    this.#disturbed.clear();
    this.#announce(between);
    if (now.some((state, slot) => state !== between[slot])) this.#announce(now);
  }
}

export const createReaderDevice = (settings: ReaderSettings): ReaderDevice => new SimulatedReader(settings);
