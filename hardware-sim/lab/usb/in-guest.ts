/**
 * What is tried inside the guest, over each carrier: the station's own reader client against the bench's reader, through
 * the kernel. Prints one line `RESULT {…}` a carrier.
 */
import { type Applet, answer, createCard, createReaderDevice, type ReaderDevice } from '@sandoq/hardware-sim';
import {
  ADMISSION_SLOTS,
  APDU_DATA_BYTES_MAX,
  type Bytes,
  concatBytes,
  encodeApdu,
  encodeApduChain,
  equalBytes,
  STATUS_WORDS,
} from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import {
  cardIn,
  createReader,
  type Reader,
  type ReaderStatus,
  reportLinkOf,
  systemClock,
} from '@sandoq/station-app';
import { type Carrier, uhidCarrier, usbHidCarrier, usbSerialCarrier } from './carriers.ts';

const AID = Uint8Array.of(0xf0, 0x45, 0x43, 0x48, 0x4f);
const ROUND_TRIPS = 100;
const WAIT_MS = 60_000;
const SLOW_INS = 0x66;
/** Longer than five keep-alives: the client must wait for them. */
const SLOW_MS = 600;

const echo: Applet<null, null> = {
  aid: AID,
  selectAnswer: new Uint8Array(0),
  freshSession: null,
  execute: (state, session, command) => answer(state, session, command.data),
};

export interface CarrierResult {
  readonly carrier: Carrier['name'];
  readonly round_trips: number;
  readonly round_trips_wrong: number;
  readonly round_trip_ms: number;
  readonly extended_apdu_bytes: number;
  readonly chained_apdu_bytes: number;
  readonly chain_links: number;
  /** commands of one script that came back right: a slow one, one of 4 kB, a small one */
  readonly script_commands: number;
  readonly keepalives_outlived: boolean;
  readonly unplugged_noticed_ms: number;
  readonly returned_ms: number;
  readonly round_trips_after_return: number;
}

const data = (length: number, salt: number): Bytes =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + salt) & 0xff);

class Session {
  readonly #reader: Reader;
  #waiting: (() => void) | undefined;

  constructor(carrier: Carrier) {
    this.#reader = createReader({
      kind: 'admission',
      slotCount: 4,
      open: reportLinkOf(carrier.transport),
      clock: systemClock,
      random: nodeRandomness,
      onChange: () => this.#waiting?.(),
    });
  }

  async until(what: string, holds: (status: ReaderStatus) => boolean): Promise<number> {
    const begun = performance.now();
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`no ${what}: ${JSON.stringify(this.#reader.status())}`)),
        WAIT_MS,
      );
      this.#waiting = () => {
        if (!holds(this.#reader.status())) return;
        clearTimeout(late);
        this.#waiting = undefined;
        resolve();
      };
      this.#waiting();
    });
    return performance.now() - begun;
  }

  async select(): Promise<void> {
    const selected = await this.ask(encodeApdu(0, 0xa4, 4, 0, AID));
    if (selected === undefined) throw new Error('the card cannot be selected');
  }

  /** @returns the answer's data, undefined where anything but 9000 came */
  async ask(apdu: Bytes): Promise<Bytes | undefined> {
    const said = await cardIn(this.#reader, ADMISSION_SLOTS.document).exchange(apdu);
    if (!said.ok) return undefined;
    return said.value.statusWord === STATUS_WORDS.ok ? said.value.data : undefined;
  }

  /** @returns how many commands of one script were answered right */
  async script(...sent: readonly (readonly [ins: number, data: Bytes])[]): Promise<number> {
    const apdus = sent.map(([ins, body]) => encodeApdu(0x80, ins, 0, 0, body));
    const said = await cardIn(this.#reader, ADMISSION_SLOTS.document).script(apdus);
    if (!said.ok) return 0;
    return said.value.answers.filter(({ data, statusWord }, index) => {
      const [, body] = sent[index] as readonly [number, Bytes];
      return statusWord === STATUS_WORDS.ok && equalBytes(data, body);
    }).length;
  }

  close(): void {
    this.#reader.close();
  }
}

async function roundTrips(session: Session, count: number): Promise<{ wrong: number; eachMs: number }> {
  let wrong = 0;
  const begun = performance.now();
  for (let turn = 0; turn < count; turn++) {
    const sent = data(20, turn);
    const got = await session.ask(encodeApdu(0x80, 1, 0, 0, sent));
    if (got === undefined || !equalBytes(got, sent)) wrong++;
  }
  return { wrong, eachMs: (performance.now() - begun) / count };
}

async function chained(session: Session, sent: Bytes): Promise<{ bytes: number; links: number }> {
  const links = encodeApduChain(0x80, 2, 0, 0, sent);
  let got: Bytes | undefined;
  for (const link of links) got = await session.ask(link);
  return { bytes: got !== undefined && equalBytes(got, sent) ? got.length : 0, links: links.length };
}

async function tryCarrier(carrier: Carrier, device: ReaderDevice): Promise<CarrierResult> {
  const ports = { crypto: nodeCrypto, random: nodeRandomness };
  device.setSlot(
    ADMISSION_SLOTS.document,
    createCard(echo, null, ports, () => undefined),
  );
  await carrier.plug();
  const session = new Session(carrier);
  await session.until('connection', ({ state }) => state === 'connected');
  await session.select();
  const { wrong, eachMs } = await roundTrips(session, ROUND_TRIPS);
  const large = data(APDU_DATA_BYTES_MAX, 7);
  const whole = await session.ask(encodeApdu(0x80, 3, 0, 0, large));
  const chain = await chained(session, large);
  const slow = await session.ask(encodeApdu(0x80, SLOW_INS, 0, 0, concatBytes(AID)));
  const script = await session.script([SLOW_INS, data(20, 1)], [3, large], [1, data(20, 2)]);
  const pulled = carrier.pull();
  const noticed = await session.until('loss', ({ state }) => state !== 'connected');
  await pulled;
  await carrier.plug();
  const returned = await session.until('return', ({ state }) => state === 'connected');
  await session.select();
  const after = await roundTrips(session, 10);
  session.close();
  await carrier.pull();
  return {
    carrier: carrier.name,
    round_trips: ROUND_TRIPS,
    round_trips_wrong: wrong,
    round_trip_ms: Number(eachMs.toFixed(2)),
    extended_apdu_bytes: whole !== undefined && equalBytes(whole, large) ? whole.length : 0,
    chained_apdu_bytes: chain.bytes,
    chain_links: chain.links,
    script_commands: script,
    keepalives_outlived: slow !== undefined,
    unplugged_noticed_ms: Math.round(noticed),
    returned_ms: Math.round(returned),
    round_trips_after_return: 10 - after.wrong,
  };
}

const newDevice = (): ReaderDevice =>
  createReaderDevice({
    kind: 'admission',
    slots: 4,
    duration: (apdu) => (apdu[1] === SLOW_INS ? SLOW_MS : 0),
  });

const MAKERS = { uhid: uhidCarrier, usb_hid: usbHidCarrier, usb_serial: usbSerialCarrier } as const;

for (const name of process.argv.slice(2)) {
  const make = MAKERS[name as Carrier['name']];
  const device = newDevice();
  const carrier = make(device);
  try {
    console.log(`RESULT ${JSON.stringify(await tryCarrier(carrier, device))}`);
  } catch (cause) {
    console.log(`FAILED ${carrier.name}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
// A read of a device that has gone may wait for ever in a thread of the pool.
process.kill(process.pid, 'SIGKILL');
