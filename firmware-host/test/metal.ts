// The least metal that a box needs, strict: an impossible command throws. One paper path, one pad, one keypad; its
// answers go through a queue, as bytes on a wire do. What lies in it outlives the power.
import {
  type Bytes,
  createFrameReader,
  DROP_TARGETS,
  encode,
  encodeFrame,
  FROM_MECHANICS,
  FROM_PAD,
  FROM_PRINTER,
  INS,
  PRINTER_FAULTS,
  records,
  TO_MECHANICS,
  TO_PAD,
  TO_PRINTER,
  tarefeSubject,
  WINDOW_STATES,
  wire,
} from '@sandoq/protocol';
import { approve, crypto, STATION, TAREFE, type TestElection } from './election.ts';

function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`impossible command: ${what}`);
}

export class TestCard {
  state: records.TarefeState = 'armed';
  readonly statement: records.ArmStatement;
  approvals: readonly [Bytes, Bytes];
  secret = TAREFE.secret;
  signer = tarefeSubject(STATION);
  readonly #election: TestElection;
  #selected = false;
  /** Answers nothing to a burn: the antenna lost it. */
  escapesBurn = false;

  constructor(election: TestElection, nonce: number, more: Partial<records.ArmStatement> = {}) {
    this.#election = election;
    const armingNonce = crypto.sha256(Uint8Array.of(nonce & 255, nonce >> 8)).slice(0, 16);
    this.statement = { stationId: STATION, mode: 'rehearsal', style: 0, armingNonce, ...more };
    const digest = this.digest();
    this.approvals = [
      approve(election, 'executive', 'arm_tarefe', digest),
      approve(election, 'supervisor', 'arm_tarefe', digest),
    ];
  }

  digest(): Bytes {
    return crypto.sha256(encode(records.armStatementShape, this.statement));
  }

  lifted(): void {
    this.#selected = false;
  }

  transmit(apdu: Bytes): Bytes {
    const ok = Uint8Array.of(0x90, 0x00);
    if (apdu[0] === 0x00 && apdu[1] === INS.select) {
      this.#selected = true;
      return ok;
    }
    demand(this.#selected && apdu[0] === 0x80, 'a card command before its applet was selected');
    demand(apdu.length === 5 + 2 + 32 + 2, `a challenge of 32 bytes, APDU of ${apdu.length}`);
    if (apdu[1] === INS.tarefe_burn) {
      if (this.escapesBurn) return new Uint8Array(0);
      this.state = 'spent';
    }
    const shown = this.state === 'blank' ? {} : { statement: this.statement, approvals: this.approvals };
    const record = this.#election.sign('tarefe', this.signer, this.secret, records.tarefeShape, {
      challenge: apdu.slice(7, 39),
      state: this.state,
      ...shown,
    });
    return Uint8Array.of(...record, 0x90, 0x00);
  }
}

export interface Page {
  readonly rows: number;
  readonly bits: Bytes;
}

export class TestMetal {
  window: keyof typeof WINDOW_STATES = 'empty';
  lidOpen = false;
  overprinted = false;
  card: TestCard | undefined;
  page: Page | undefined;
  readonly bins = { bin: 0, rejected: 0, retained: 0 };
  readonly pages: Page[] = [];
  /** What happens to the next page. */
  printerFault: keyof typeof PRINTER_FAULTS | undefined;
  /** The next drop jams. */
  jamNextDrop = false;
  /** The next paper falls unseen. */
  loseNextFall = false;
  /** Commands to the card wait at the pad until `goOn`: all of them, or its burning. */
  holdPad: 'all' | 'burn' | undefined;
  #heldApdus: Bytes[] = [];
  /** The pad does not say what lies on it. */
  silentPad = false;
  /** Keep the page in the head until `finishPage`. */
  holdPage = false;
  #head: { rows: number; widthBytes: number; bits: number[] } | undefined;
  readonly #send: (port: number, bytes: Bytes) => void;
  #readers = this.#newReaders();

  constructor(send: (port: number, bytes: Bytes) => void) {
    this.#send = send;
  }

  powerLost(): void {
    this.#heldApdus = [];
    this.#readers = this.#newReaders();
    if (this.#head !== undefined) this.window = 'paper';
    this.#head = undefined;
  }

  receive(port: number, bytes: Bytes): void {
    const reader = this.#readers[port];
    demand(reader !== undefined, `nothing at port ${port}`);
    reader.push(bytes);
  }

  press(key: wire.Key): void {
    this.#tell(4, FROM_MECHANICS.key, wire.keyShape.toCbor(key, '') as number);
  }

  setLid(open: boolean): void {
    this.lidOpen = open;
    this.#tell(4, FROM_MECHANICS.lid, open ? 1 : 0);
  }

  lay(card: TestCard | undefined): void {
    this.card?.lifted();
    this.card = card;
    this.#tell(3, card === undefined ? FROM_PAD.card_removed : FROM_PAD.card_laid);
  }

  /** A hand, through whatever was left open. */
  takePaper(): void {
    demand(this.window === 'paper', 'nothing to take');
    this.window = 'empty';
    this.page = undefined;
  }

  clearJam(): void {
    demand(this.window === 'jammed', 'clearing what is not jammed');
    this.window = 'paper';
    this.#tell(4, FROM_MECHANICS.state, WINDOW_STATES.paper, this.lidOpen ? 1 : 0);
  }

  finishPage(): void {
    const head = this.#head;
    demand(head !== undefined, 'no page in the head');
    this.#head = undefined;
    this.window = 'paper';
    this.overprinted = false;
    this.page = { rows: head.rows, bits: Uint8Array.from(head.bits) };
    this.pages.push(this.page);
    this.#tell(2, FROM_PRINTER.in_window);
  }

  #newReaders() {
    const reader = (take: (payload: Bytes) => void) =>
      createFrameReader(take, (fault) => demand(false, `a frame with ${fault}`), 2048);
    return [
      undefined,
      undefined,
      reader((payload) => this.#printer(payload)),
      reader((payload) => this.#pad(payload)),
      reader((payload) => this.#mechanics(payload)),
    ];
  }

  #tell(port: number, ...payload: number[]): void {
    this.#send(port, encodeFrame(Uint8Array.from(payload), 2048));
  }

  #printer(payload: Bytes): void {
    const [type] = payload;
    if (type === TO_PRINTER.query) {
      this.#tell(2, FROM_PRINTER.state, WINDOW_STATES[this.window]);
      return;
    }
    if (type === TO_PRINTER.page_start) {
      demand(this.#head === undefined && this.window === 'empty', 'a page while there is one');
      this.#head = { rows: (payload[1]! << 8) | payload[2]!, widthBytes: 12, bits: [] };
      return;
    }
    if (type === TO_PRINTER.overprint) {
      demand(this.window === 'paper', 'overprint without paper');
      this.overprinted = true;
      this.#tell(2, FROM_PRINTER.overprinted);
      return;
    }
    const head = this.#head;
    demand(head !== undefined, 'rows without a page');
    if (type === TO_PRINTER.rows) {
      const first = (payload[1]! << 8) | payload[2]!;
      demand(first * head.widthBytes === head.bits.length, `rows from ${first}`);
      demand((payload.length - 3) % head.widthBytes === 0, 'a row cut in two');
      head.bits.push(...payload.subarray(3));
      return;
    }
    demand(type === TO_PRINTER.page_end, `printer command ${type}`);
    demand(head.bits.length === head.rows * head.widthBytes, 'page_end before the last row');
    const fault = this.printerFault;
    if (fault !== undefined) {
      this.printerFault = undefined;
      this.#head = undefined;
      if (fault === 'jam') this.window = 'jammed';
      this.#tell(2, FROM_PRINTER.fault, PRINTER_FAULTS[fault]);
      return;
    }
    if (!this.holdPage) this.finishPage();
  }

  #pad(payload: Bytes): void {
    if (payload[0] === TO_PAD.query) {
      if (this.silentPad) return;
      this.#tell(3, this.card ? FROM_PAD.card_laid : FROM_PAD.card_removed);
      return;
    }
    demand(payload[0] === TO_PAD.apdu, `pad command ${payload[0]}`);
    const apdu = payload.slice(1);
    if (this.holdPad === 'all' || (this.holdPad === 'burn' && apdu[1] === INS.tarefe_burn)) {
      this.#heldApdus.push(apdu);
      return;
    }
    this.#answerApdu(apdu);
  }

  #answerApdu(apdu: Bytes): void {
    this.#tell(3, FROM_PAD.response, ...(this.card?.transmit(apdu) ?? new Uint8Array(0)));
  }

  /** The card answers what was held back, if it still lies there. */
  goOn(): void {
    this.holdPad = undefined;
    for (const apdu of this.#heldApdus.splice(0)) this.#answerApdu(apdu);
  }

  #mechanics(payload: Bytes): void {
    if (payload[0] === TO_MECHANICS.query) {
      this.#tell(4, FROM_MECHANICS.state, WINDOW_STATES[this.window], this.lidOpen ? 1 : 0);
      return;
    }
    demand(payload[0] === TO_MECHANICS.drop && payload.length === 2, `mechanics command ${payload[0]}`);
    const target = (Object.keys(DROP_TARGETS) as (keyof typeof DROP_TARGETS)[]).find(
      (name) => DROP_TARGETS[name] === payload[1],
    );
    demand(target !== undefined && this.window === 'paper', 'drop without paper or bin');
    demand(
      (target === 'rejected') === this.overprinted || target === 'retained',
      `a readable or unreadable paper into ${target}`,
    );
    if (this.jamNextDrop) {
      this.jamNextDrop = false;
      this.window = 'jammed';
      this.#tell(4, FROM_MECHANICS.jam);
      return;
    }
    this.window = 'empty';
    this.overprinted = false;
    this.page = undefined;
    this.bins[target]++;
    if (this.loseNextFall) {
      this.loseNextFall = false;
      return;
    }
    this.#tell(4, FROM_MECHANICS.fell, DROP_TARGETS[target]);
  }
}
