/**
 * An admission desk for tests: the bench's reader and cards behind a real socket, and the admission process as a real
 * child on real files, which can be killed at any APDU.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Card,
  type CardState,
  createCardOf,
  createReaderCable,
  createReaderDevice,
  fingerTemplate,
  type ReaderCable,
  type ReaderDevice,
  type ReaderHost,
} from '@sandoq/hardware-sim';
import { ADMISSION_SLOTS, decode, HID_COMMANDS, records, toHex } from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import type { RollPerson } from '@sandoq/seeds';
import { writeProvisioning } from '@sandoq/tally-server';
import { enrolAdmission, ROLL_KEY_FILE } from '../src/admission/start.ts';
import { type AdmissionCalls, type AdmissionView, admissionViewSchema } from '../src/contract/admission.ts';
import {
  type ContractClient,
  connectContract,
  type Input,
  type Output,
  Refused,
} from '../src/contract/socket.ts';
import { openEventLog } from '../src/stores/event-log.ts';
import {
  AUTHORITY_KEY,
  type Officer,
  PINS,
  provisioningFiles,
  ROLL_KEY,
  roleState,
  STATION,
  tarefeState,
  testRoll,
  VOTER_PIN,
  voterState,
  type WorldOptions,
} from './admission-world.ts';

export type Slot = keyof typeof ADMISSION_SLOTS;
export interface RoomOptions extends WorldOptions {
  /** who stands on the roll; none: open to everyone */
  readonly roll?: readonly RollPerson[];
  /** a roll made elsewhere, under ROLL_KEY and the test election's authority */
  readonly rollPath?: string;
  readonly provinceUrl?: string;
  /** the program to start: the sources where left out */
  readonly program?: string;
  /** as a screen hears them, behind the view that shows the deed, where left out */
  readonly answers?: 'answer_at_once';
}

/** One of several terminals: its package, and how it reaches the others. */
export interface TerminalPlace {
  readonly number: number;
  readonly total: number;
  /** holds `admission/device.key` already */
  readonly folder: string;
  readonly packageFolder: string;
  readonly config: Readonly<Record<string, unknown>>;
}

const TOKEN = 'a token of the admission tests';
const BIN = join(import.meta.dirname, '..', 'bin', 'admission.ts');
const VIEW_WAIT_MS = 20_000;

export class Room {
  readonly folder: string;
  readonly data: string;
  readonly #socket: string;
  readonly #place: TerminalPlace | undefined;
  readonly #program: string;
  readonly #answers: 'answer_at_once' | 'answer_after_view';
  readonly #device: ReaderDevice = createReaderDevice({ kind: 'admission', slots: 4, duration: () => 0 });
  readonly #cable: ReaderCable;
  readonly #states = new Map<Slot, CardState>();
  #child: ChildProcess | undefined;
  #client: ContractClient<AdmissionCalls, AdmissionView> | undefined;
  #view: AdmissionView | undefined;
  #lastPerson: string | undefined;
  stderr = '';
  /** messages that carried commands to cards */
  messagesToCards = 0;
  /** Sees every APDU before and after the card does. `lost` before: the card never gets it. */
  onApdu: (slot: Slot, apdu: Uint8Array, moment: 'before' | 'after') => 'lost' | undefined = () => undefined;

  constructor(options: RoomOptions, place?: TerminalPlace) {
    this.#place = place;
    this.#program = options.program ?? BIN;
    this.#answers = options.answers ?? 'answer_after_view';
    this.folder = place?.folder ?? mkdtempSync(join(tmpdir(), 'ar-'));
    this.data = join(this.folder, 'admission');
    this.#socket = join(this.folder, 'contract');
    this.#cable = createReaderCable(
      { attach: (send) => this.#counted(this.#device.attach(send)) },
      join(this.folder, 'reader'),
    );
    const packageFolder = place?.packageFolder ?? join(this.folder, 'package');
    if (place === undefined) {
      const { publicKey } = enrolAdmission(this.data, STATION);
      writeProvisioning(packageFolder, provisioningFiles([publicKey], options));
    }
    const roll = options.rollPath ?? join(this.folder, 'roll');
    if (options.roll !== undefined) {
      writeFileSync(roll, testRoll(options.roll));
    }
    const hasRoll = options.roll !== undefined || options.rollPath !== undefined;
    if (hasRoll) writeFileSync(join(this.data, ROLL_KEY_FILE), ROLL_KEY);
    writeFileSync(
      join(this.folder, 'config.json'),
      JSON.stringify({
        station_id: STATION,
        data_folder: this.data,
        package_folder: packageFolder,
        authority_public_key: toHex(AUTHORITY_KEY),
        reader: { kind: 'socket', path: join(this.folder, 'reader') },
        roll_path: hasRoll ? roll : null,
        province_url: options.provinceUrl ?? null,
        ...(place === undefined ? {} : { terminals: place.config }),
        socket: this.#socket,
        token: TOKEN,
      }),
    );
  }

  #counted(host: ReaderHost): ReaderHost {
    const { apdu, script } = HID_COMMANDS;
    return {
      close: () => host.close(),
      push: (report) => {
        // The first report of a message has the high bit at its command.
        if ([apdu, script].some((command) => report[4] === (command | 0x80))) this.messagesToCards++;
        host.push(report);
      },
    };
  }

  plug = (): Promise<void> => this.#cable.plug();
  pull = (): Promise<void> => this.#cable.pull();

  lay(slot: Slot, state: CardState): void {
    this.#states.set(slot, state);
    const card = createCardOf(state, { crypto: nodeCrypto, random: nodeRandomness }, (next) =>
      this.#states.set(slot, next),
    );
    const watched: Card = {
      reset: () => card.reset(),
      transmit: (apdu) => {
        if (this.onApdu(slot, apdu, 'before') === 'lost') return new Uint8Array(0);
        const answer = card.transmit(apdu);
        this.onApdu(slot, apdu, 'after');
        return answer;
      },
    };
    this.#device.setSlot(ADMISSION_SLOTS[slot], watched);
  }

  /** A card of the test's own, for what no honest workshop makes. */
  layRaw(slot: Slot, card: Card): void {
    this.#device.setSlot(ADMISSION_SLOTS[slot], undefined);
    this.#device.setSlot(ADMISSION_SLOTS[slot], card);
  }

  /** @returns the card as it is now, to be laid again */
  take(slot: Slot): CardState {
    this.#device.setSlot(ADMISSION_SLOTS[slot], undefined);
    return this.#states.get(slot) as CardState;
  }

  tarefe(): Extract<CardState, { kind: 'tarefe' }> {
    const state = this.#states.get('tarefe');
    if (state?.kind !== 'tarefe') throw new Error('no tarefe card was laid');
    return state;
  }

  hasTarefe = (): boolean => this.#states.get('tarefe')?.kind === 'tarefe';
  forgetTarefe = (): boolean => this.#states.delete('tarefe');
  isRunning = (): boolean =>
    this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  /** whom the desk served when a view last named somebody */
  lastPerson = (): string | undefined => this.#lastPerson;

  finger(code: string | undefined): void {
    this.#device.setFinger(code === undefined ? undefined : fingerTemplate(nodeCrypto, code));
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#program, '--config', join(this.folder, 'config.json')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr?.on('data', (chunk) => {
      this.stderr += String(chunk);
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`admission ended with ${code}: ${this.stderr}`)));
    });
    this.#view = undefined;
    this.#client = connectContract<AdmissionCalls, AdmissionView>(
      this.#socket,
      TOKEN,
      'executive',
      (raw) => admissionViewSchema.parse(raw),
      this.#answers,
    );
    this.#client.onView((view) => {
      this.#view = view;
      this.#lastPerson = view.person?.national_code ?? this.#lastPerson;
    });
    await this.until((view) => view.devices[0]?.state === 'connected');
  }

  call<Name extends keyof AdmissionCalls & string>(
    name: Name,
    input: Input<AdmissionCalls, Name>,
  ): Promise<Output<AdmissionCalls, Name>> {
    if (this.#client === undefined) throw new Error('the admission process is not running');
    return this.#client.call(name, input);
  }

  /** @throws with the last view where none holds in time */
  async until(holds: (view: AdmissionView) => boolean): Promise<AdmissionView> {
    const client = this.#client;
    if (client === undefined) throw new Error('the admission process is not running');
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        stop();
        reject(new Error(`no such view: ${JSON.stringify(this.#view)}`));
      }, VIEW_WAIT_MS);
      let stop: () => void = () => undefined;
      let settled = false;
      const listener = (view: AdmissionView): void => {
        if (settled || !holds(view)) return;
        settled = true;
        clearTimeout(late);
        queueMicrotask(() => stop());
        resolve(view);
      };
      stop = client.onView(listener);
    });
  }

  /** CPU time of the child so far, milliseconds (proc(5): utime and stime in ticks of 10 ms) */
  cpuMs(): number {
    const fields = readFileSync(`/proc/${this.#child?.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  /** now, without waiting for the child: for use inside `onApdu` */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async ended(): Promise<void> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => child.once('exit', resolve));
    this.#client?.close();
    this.#client = undefined;
    this.#child = undefined;
  }

  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    await this.ended();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async close(): Promise<void> {
    this.kill();
    await this.ended();
    await this.#cable.pull();
    rmSync(this.folder, { recursive: true, force: true });
  }

  // What every test does first, in words.

  layRoleCards(): void {
    for (const role of ['executive', 'supervisor'] as const)
      this.lay(role, roleState(role, role, STATION, this.#place?.number));
  }

  blank = (): CardState => tarefeState(STATION, this.#place?.total);

  async open(): Promise<void> {
    this.layRoleCards();
    await this.call('admission.open', {
      mode: 'rehearsal',
      executive_pin: PINS.executive,
      supervisor_pin: PINS.supervisor,
    });
  }

  async unlock(): Promise<void> {
    for (const role of ['executive', 'supervisor'] as const)
      await this.call('role.unlock', { role, pin: PINS[role] });
  }

  approve = (role: Officer): Promise<Output<AdmissionCalls, 'tarefe.approve'>> =>
    this.call('tarefe.approve', { role });

  /** Document laid, read and proved. */
  async identify(number: number): Promise<Output<AdmissionCalls, 'person.read'>> {
    this.take('document');
    this.lay('document', voterState(number));
    const read = await this.call('person.read', {});
    return read.state === 'needs_proof' ? this.call('person.prove', { pin: VOTER_PIN }) : read;
  }

  /** The whole way; the armed card stays on the pad. */
  async admit(number: number): Promise<Output<AdmissionCalls, 'tarefe.approve'>> {
    const identified = await this.identify(number);
    if (identified.state !== 'identified') return identified;
    this.take('tarefe');
    this.lay('tarefe', this.blank());
    await this.approve('executive');
    return this.approve('supervisor');
  }

  async refusalOf(running: Promise<unknown>): Promise<string> {
    try {
      await running;
    } catch (cause) {
      if (cause instanceof Refused) return cause.refusal.code;
      throw cause;
    }
    throw new Error('it was not refused');
  }

  /** after the process has ended */
  logEvents(): readonly records.EventLine[] {
    const log = openEventLog({ path: join(this.data, 'log.sqlite'), crypto: nodeCrypto, bucket: () => 0 });
    const lines = log.lines().map((bytes) => {
      const line = decode(records.eventLineShape, bytes);
      if (!line.ok) throw new Error('a log line that is none');
      return line.value;
    });
    log.close();
    return lines;
  }
}

export async function openRoom(options: RoomOptions = {}): Promise<Room> {
  const room = new Room(options);
  await room.plug();
  await room.start();
  return room;
}
