/**
 * A polling room for the voting tests: the bench with the real firmware behind a real pty, real cards behind a real
 * reader socket, and the voting process as a real child on real files, which can be killed at any moment. Cards are armed
 * here by hand through the admission reader: no admission process is needed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFirmware } from '@sandoq/firmware-host';
import {
  type Bench,
  type Deed,
  type DeedInput,
  type DeedValues,
  type Enrolment,
  simBoxSupply,
  startBench,
} from '@sandoq/hardware-sim';
import {
  ADMISSION_SLOTS,
  type Bytes,
  type ElectionId,
  encode,
  fromHex,
  records,
  type StationId,
  signTyped,
  toHex,
  utf8,
} from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import {
  amendProvisioning,
  buildProvisioning,
  type ElectionDefinitionInput,
  parseElectionDefinition,
  writeProvisioning,
} from '@sandoq/tally-server';
import { enrolAdmission } from '../src/admission/start.ts';
import {
  type ContractClient,
  connectContract,
  type Input,
  type Output,
  Refused,
} from '../src/contract/socket.ts';
import {
  type OfficerView,
  officerViewSchema,
  type VoterView,
  type VotingCalls,
  voterViewSchema,
} from '../src/contract/voting.ts';
import {
  approve,
  armTarefe,
  type CardPort,
  type CardResult,
  cardIn,
  prepareTarefe,
  selectCard,
  verifyRolePin,
} from '../src/devices/cards.ts';
import { systemClock } from '../src/devices/clock.ts';
import { createReader, type Reader } from '../src/devices/reader.ts';
import { reportLinkOf } from '../src/devices/reader-link.ts';
import { openDeviceKey } from '../src/stores/device-key.ts';
import { readProvisioningFolder } from '../src/stores/provisioning-folder.ts';
import { enrolVoting } from '../src/voting/device-key.ts';

export const ELECTION = 'room-1405' as ElectionId;
export const STATION = 's1' as StationId;
export const PINS = {
  executive: '1104',
  supervisor: '1105',
  governor_representative: '1106',
  council_representative: '1107',
} as const;
export type RoomRole = keyof typeof PINS;
const TOKEN = 'a token of the voting tests';
const BIN = join(import.meta.dirname, '..', 'bin', 'voting.ts');
const WAIT_MS = 30_000;
const AUTHORITY = nodeCrypto.sha256(utf8('test secret of the voting room'));
export const AUTHORITY_KEY = nodeCrypto.signingPublicKey(AUTHORITY);
const INTAKE = nodeCrypto.sha256(utf8('test secret of the intake'));
export const INTAKE_SECRET = INTAKE;

const bilingual = (text: string) => ({ fa: text, en: text });
const candidates = (count: number, first: number) =>
  Array.from({ length: count }, (_, i) => ({ code: String(first + i), name: bilingual(`C${first + i}`) }));

export const definitionOf = (settings: ElectionDefinitionInput['settings']): ElectionDefinitionInput => ({
  id: ELECTION,
  title: bilingual('Room'),
  demonstration: true,
  contests: [
    {
      id: 'president',
      title: bilingual('President'),
      law: 'plurality',
      seats: 1,
      choicesMax: 1,
      candidates: candidates(4, 11),
    },
    {
      id: 'council',
      title: bilingual('Council'),
      law: 'plurality',
      seats: 30,
      choicesMax: 30,
      candidates: candidates(300, 100),
    },
  ],
  styles: [
    { id: 'resident', name: bilingual('Resident'), contests: ['president', 'council'] },
    { id: 'visitor', name: bilingual('Visitor'), contests: ['president'] },
  ],
  ...(settings === undefined ? {} : { settings }),
});

export interface RoomOptions {
  readonly settings?: ElectionDefinitionInput['settings'];
  /** shorter than a definition may ask for people: tests have no minutes to wait */
  readonly timeouts?: { readonly voterTimeoutSeconds: number; readonly voterAlertSeconds: number };
  readonly votesMax?: number;
  readonly tarefeCards?: number;
  readonly mechanics?: 'virtual' | 'real_time';
  readonly provinceUrl?: string;
  /** the two officers leave their cards in the desk's reader, as on a real day, and give their PINs once */
  readonly officersStay?: boolean;
  /** a file that takes what the officers' printer would */
  readonly reportPrinter?: string;
  /** extra arguments of Node for the voting process */
  readonly nodeOptions?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** as a screen hears them, behind the view that shows the deed, where left out */
  readonly answers?: 'answer_at_once';
}

const hex = (text: string): Bytes => fromHex(text) as Bytes;
const must = <Value>(result: CardResult<Value>): Value => {
  if (!result.ok) throw new Error(`card: ${result.fault.code}`);
  return result.value;
};

export class VotingRoom {
  readonly folder = mkdtempSync(join(tmpdir(), 'vr-'));
  readonly data = join(this.folder, 'voting');
  readonly #options: RoomOptions;
  #bench: Bench | undefined;
  #reader: Reader | undefined;
  readonly #seated = new Set<RoomRole>();
  #child: ChildProcess | undefined;
  #amended: ReadonlyMap<string, Bytes> | undefined;
  #officer: ContractClient<VotingCalls, OfficerView> | undefined;
  #voter: ContractClient<VotingCalls, VoterView> | undefined;
  officerView: OfficerView | undefined;
  voterView: VoterView | undefined;
  enrolment: Enrolment | undefined;
  armed = 0;
  stderr = '';

  constructor(options: RoomOptions = {}) {
    this.#options = options;
  }

  /** Bench, cards, provisioning, and the voting process started. */
  async setUp(): Promise<void> {
    const firmware = loadFirmware();
    const { tarefeCards = 3, mechanics = 'virtual' } = this.#options;
    this.#bench = await startBench(
      {
        data_folder: join(this.folder, 'bench'),
        control_socket: join(this.folder, 'control'),
        panel: null,
        stations: [
          {
            station_id: STATION,
            folder: join(this.folder, 'bench', STATION),
            box: { pty: join(this.folder, 'box'), flash: join(this.folder, 'bench', 'flash.bin') },
            role_reader_socket: join(this.folder, 'roles'),
            admission_reader_socket: join(this.folder, 'reader'),
            mechanics,
            people_file: null,
            keep_papers: true,
          },
        ],
      },
      {
        cards: { crypto: nodeCrypto, random: nodeRandomness },
        randomBelow: (bound) => randomInt(bound),
        supplyOf: (flash) => simBoxSupply(firmware, flash),
        log: () => undefined,
      },
    );
    this.enrolment = await this.perform({
      do: 'enrolment',
      station: STATION,
      election: ELECTION,
      authority_key: toHex(AUTHORITY_KEY),
      pins: PINS,
      terminals: 1,
      tarefe_cards: tarefeCards,
      pin_tries_max: 3,
      box_unit: 1,
    });
    this.#provision(this.enrolment);
    await this.start();
  }

  #provision(enrolment: Enrolment): void {
    const definition = parseElectionDefinition(
      definitionOf({ openMinutesMin: 0, ...this.#options.settings }),
      Math.floor(Date.now() / 1000),
    );
    if (!definition.ok) throw new Error(JSON.stringify(definition.fault));
    const voting = enrolVoting(this.data, STATION);
    const admission = enrolAdmission(join(this.folder, 'admission'), STATION);
    const built = buildProvisioning({
      definition: {
        ...definition.value.definition,
        settings: { ...definition.value.definition.settings, ...this.#options.timeouts },
      },
      authoritySecretKey: AUTHORITY.slice(),
      intakePublicKey: nodeCrypto.signingPublicKey(INTAKE),
      stations: [
        {
          id: STATION,
          name: bilingual('Room'),
          kind: 'fixed',
          place: { scheme: 'test', province: 'p', county: 'c', district: 'd', constituency: 'here' },
          votesMax: this.#options.votesMax ?? 60,
          devices: [
            { subject: enrolment.box.subject, purpose: 'box', key: hex(enrolment.box.key) },
            { subject: voting.subject, purpose: 'voting', key: voting.publicKey },
            { subject: admission.subject, purpose: 'admission', key: admission.publicKey },
            { subject: enrolment.tarefe.subject, purpose: 'tarefe', key: hex(enrolment.tarefe.key) },
          ],
          roles: enrolment.roles.map((card) => ({
            subject: card.subject,
            role: card.role as records.Role,
            key: hex(card.key),
            ...(card.count_key === undefined ? {} : { countKey: hex(card.count_key) }),
          })),
        },
      ],
    });
    if (!built.ok) throw new Error(JSON.stringify(built.fault));
    writeProvisioning(join(this.folder, 'package'), built.value);
    writeFileSync(join(this.folder, 'config.json'), JSON.stringify(this.config()));
  }

  config(): Record<string, unknown> {
    return {
      station_id: STATION,
      data_folder: this.data,
      package_folder: join(this.folder, 'package'),
      authority_public_key: toHex(AUTHORITY_KEY),
      box_path: join(this.folder, 'box'),
      role_reader: { kind: 'socket', path: join(this.folder, 'roles') },
      report_printer:
        this.#options.reportPrinter === undefined
          ? null
          : { path: this.#options.reportPrinter, width_dots: 576 },
      province_url: this.#options.provinceUrl ?? null,
      socket: join(this.folder, 'contract'),
      token: TOKEN,
    };
  }

  perform<Name extends keyof DeedValues>(
    deed: Extract<DeedInput, { readonly do: Name }>,
  ): Promise<DeedValues[Name]> {
    if (this.#bench === undefined) throw new Error('no bench');
    return this.#bench.perform(deed as Deed) as Promise<DeedValues[Name]>;
  }

  place = (card: string, where: Extract<Deed, { do: 'place_card' }>['where']): Promise<unknown> =>
    this.perform({ do: 'place_card', station: STATION, card, where });
  press = (key: Extract<Deed, { do: 'press' }>['key']): Promise<unknown> =>
    this.perform({ do: 'press', station: STATION, key });

  async start(): Promise<void> {
    const { nodeOptions = [], environment = {} } = this.#options;
    const child = spawn(
      process.execPath,
      [
        ...nodeOptions,
        '--disable-warning=ExperimentalWarning',
        BIN,
        '--config',
        join(this.folder, 'config.json'),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } },
    );
    this.#child = child;
    child.stderr?.on('data', (chunk) => {
      this.stderr += String(chunk);
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`voting ended with ${code}: ${this.stderr}`)));
    });
    const path = join(this.folder, 'contract');
    const answers = this.#options.answers ?? 'answer_after_view';
    this.#officer = connectContract<VotingCalls, OfficerView>(
      path,
      TOKEN,
      'executive',
      (raw) => officerViewSchema.parse(raw),
      answers,
    );
    this.#voter = connectContract<VotingCalls, VoterView>(
      path,
      TOKEN,
      'voter',
      (raw) => voterViewSchema.parse(raw),
      answers,
    );
    this.officerView = undefined;
    this.voterView = undefined;
    this.#officer.onView((view) => {
      this.officerView = view;
    });
    this.#voter.onView((view) => {
      this.voterView = view;
    });
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    this.#officer?.close();
    this.#voter?.close();
    if (child === undefined || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill(signal);
    return exited;
  }

  /** The province's next signed amendment, in hexadecimal; the package folder does not have it. */
  amendment(change: records.AmendmentChange, effectiveAt = 0): string {
    const before = this.#amended ?? readProvisioningFolder(join(this.folder, 'package'));
    const made = amendProvisioning(before, AUTHORITY.slice(), {
      change,
      effectiveAt,
      reason: bilingual('as ordered'),
    });
    if (!made.ok) throw new Error(JSON.stringify(made.fault));
    this.#amended = made.value;
    const [bytes] = [...made.value].filter(([file]) => !before.has(file)).map(([, each]) => each);
    return toHex(bytes as Bytes);
  }

  stationRecord = (): Bytes =>
    new Uint8Array(readFileSync(join(this.folder, 'package', 'stations', `${STATION}.cose`)));

  /** The power cut of a process. */
  kill = (): Promise<number | null> => this.#end('SIGKILL');
  stop = (): Promise<number | null> => this.#end('SIGTERM');

  async tearDown(): Promise<void> {
    await this.kill();
    this.#reader?.close();
    await this.#bench?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async call<Name extends keyof VotingCalls & string>(
    name: Name,
    input: Input<VotingCalls, Name>,
  ): Promise<Output<VotingCalls, Name>> {
    const client = name.startsWith('voter.') ? this.#voter : this.#officer;
    if (client === undefined) throw new Error('the voting process is not running');
    return (await client.call(name, input)) as Output<VotingCalls, Name>;
  }

  /** @returns the code of the refusal; fails where the call is taken */
  async refusal<Name extends keyof VotingCalls & string>(
    name: Name,
    input: Input<VotingCalls, Name>,
  ): Promise<string> {
    try {
      await this.call(name, input);
    } catch (cause) {
      if (cause instanceof Refused) return cause.refusal.code;
      throw cause;
    }
    throw new Error(`${name} was not refused`);
  }

  /** Polls: views are coalesced, and what is waited for may hold already. @throws with the last views */
  async until(what: string, holds: () => boolean): Promise<void> {
    const end = Date.now() + WAIT_MS;
    while (!holds()) {
      if (Date.now() > end)
        throw new Error(
          `waited in vain for ${what}: ${JSON.stringify({ officer: this.officerView, voter: this.voterView })}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  untilPhase = (phase: OfficerView['phase']): Promise<void> =>
    this.until(`phase ${phase}`, () => this.officerView?.phase === phase);
  untilVoter = (...phases: readonly VoterView['phase'][]): Promise<void> =>
    this.until(`voter ${phases.join(' or ')}`, () =>
      phases.includes(this.voterView?.phase as VoterView['phase']),
    );
  untilBox = (): Promise<void> =>
    this.until(
      'the box',
      () => this.officerView?.devices.find(({ id }) => id === 'box')?.state === 'connected',
    );

  async approve(roles: readonly RoomRole[]): Promise<boolean> {
    let complete = false;
    for (const [i, role] of roles.entries()) {
      const slot = i % 2 === 0 ? 'first' : 'second';
      await this.place(`role-${role}`, slot);
      ({ complete } = await this.call('step.approve', { slot, pin: PINS[role] }));
      await this.place(`role-${role}`, 'pocket');
    }
    return complete;
  }

  async open(): Promise<void> {
    await this.untilBox();
    await this.call('package.load', {});
    await this.call('opening.begin', { mode: 'rehearsal', seals: ['1234'] });
    await this.approve(['executive', 'supervisor']);
    await this.untilPhase('open');
  }

  async #admissionReader(): Promise<Reader> {
    if (this.#reader !== undefined) return this.#reader;
    const reader = await new Promise<Reader>((resolve) => {
      const made: Reader = createReader({
        kind: 'admission',
        slotCount: 4,
        open: reportLinkOf({ kind: 'socket', path: join(this.folder, 'reader') }),
        clock: systemClock,
        random: nodeRandomness,
        onChange: (status) => {
          if (status.state === 'connected') resolve(made);
        },
      });
    });
    this.#reader = reader;
    return reader;
  }

  async #officerApproval(reader: Reader, role: 'executive' | 'supervisor', digest: Bytes): Promise<Bytes> {
    const card: CardPort = cardIn(reader, ADMISSION_SLOTS[role]);
    if (!this.#seated.has(role)) {
      await this.place(`role-${role}`, role);
      must(await selectCard(card, 'role_card'));
      must(await verifyRolePin(card, PINS[role]));
    }
    const record = must(await approve(card, { action: 'arm_tarefe', role, digest }));
    if (this.#options.officersStay === true) this.#seated.add(role);
    else await this.place(`role-${role}`, 'pocket');
    return record;
  }

  /** Arms a tarefe card as the admission side would, and leaves it in the voter's hand. */
  async arm(card = 'tarefe-1', style = 0): Promise<void> {
    const reader = await this.#admissionReader();
    await this.place(card, 'tarefe');
    const port = cardIn(reader, ADMISSION_SLOTS.tarefe);
    const { armingNonce } = must(await prepareTarefe(port));
    const statement: records.ArmStatement = { stationId: STATION, mode: 'rehearsal', style, armingNonce };
    const digest = nodeCrypto.sha256(encode(records.armStatementShape, statement));
    const approvals = [
      await this.#officerApproval(reader, 'executive', digest),
      await this.#officerApproval(reader, 'supervisor', digest),
    ] as const;
    must((await armTarefe(port, { statement, approvals }, nodeRandomness(32))).said);
    await this.place(card, 'pocket');
    this.armed++;
  }

  /** Card on the pad, and the ballot on the screen. */
  async begin(card = 'tarefe-1'): Promise<void> {
    await this.place(card, 'box_pad');
    await this.untilVoter('choosing');
  }

  async choose(president: readonly number[] | 'blank', council: readonly number[] | 'blank'): Promise<void> {
    const copy = (choice: readonly number[] | 'blank') => (choice === 'blank' ? choice : [...choice]);
    await this.call('voter.choose', { contest: 0, choice: copy(president) });
    await this.call('voter.choose', { contest: 1, choice: copy(council) });
  }

  /** One voter from the armed card to "your vote is in the box", and her card taken. */
  async vote(
    president: readonly number[] | 'blank',
    council: readonly number[] | 'blank',
    card = 'tarefe-1',
  ): Promise<void> {
    await this.arm(card);
    await this.begin(card);
    await this.choose(president, council);
    await this.call('voter.print', {});
    await this.untilVoter('in_window');
    await this.press('green');
    await this.untilVoter('cast');
    await this.place(card, 'pocket');
    await this.untilVoter('welcome');
  }

  /** The other side's signed ledger, as if every armed card had been somebody's. */
  summary(change: Partial<records.AdmissionSummary> = {}): string {
    const { secretKey } = openDeviceKey(join(this.folder, 'admission'), nodeCrypto, nodeRandomness);
    const record = signTyped(
      nodeCrypto,
      secretKey,
      { type: 'admission-summary', election: ELECTION, signer: `station/${STATION}/admission` as never },
      records.admissionSummaryShape,
      {
        stationId: STATION,
        mode: 'rehearsal',
        admitted: this.armed,
        local: this.armed,
        visiting: 0,
        tarefeIssued: this.armed,
        tarefeReturned: 0,
        tarefeSpoiled: 0,
        tarefeAbandoned: 0,
        byDocument: [{ document: 'national_card', count: this.armed }],
        helped: 0,
        offline: 0,
        ...change,
      },
    );
    return toHex(record);
  }

  readonly closingPins: Input<VotingCalls, 'count.run'>['pins'] = [
    { slot: 'first', pin: PINS.governor_representative },
    { slot: 'second', pin: PINS.council_representative },
  ];

  async layClosingCards(): Promise<void> {
    await this.place('role-governor_representative', 'first');
    await this.place('role-council_representative', 'second');
  }

  async takeClosingCards(): Promise<void> {
    await this.place('role-governor_representative', 'pocket');
    await this.place('role-council_representative', 'pocket');
  }

  async close(): Promise<void> {
    await this.call('doors.close_begin', {});
    await this.approve(['governor_representative', 'council_representative']);
    await this.untilPhase('doors_closed');
    await this.call('close.begin', { amendment: null });
    await this.approve(['governor_representative', 'council_representative']);
    await this.untilPhase('closed');
  }

  async count(change: Partial<records.AdmissionSummary> = {}): Promise<void> {
    await this.layClosingCards();
    await this.call('count.run', { admission_summary: this.summary(change), pins: this.closingPins });
    await this.untilPhase('counted');
  }

  /** Every file of the voting side, whole. */
  files(): ReadonlyMap<string, Buffer> {
    const out = new Map<string, Buffer>();
    for (const entry of readdirSync(this.data, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) out.set(path, readFileSync(path));
    }
    return out;
  }
}
