/** The control socket's deeds: what a hand in the room can do, and what the workshop does before the day. */
import { TERMINALS_MAX } from '@sandoq/protocol';
import { z } from 'zod';
import { stationBenchSchema } from '../bench/config.ts';
import { roleSchema } from '../cards/card-state.ts';
import { PIN_PATTERN } from '../cards/pin.ts';

/** The desk of the first terminal has the plain names; those of further terminals are numbered. */
export const PLACES = [
  'document',
  'tarefe',
  'executive',
  'supervisor',
  'document-2',
  'tarefe-2',
  'executive-2',
  'supervisor-2',
  'document-3',
  'tarefe-3',
  'executive-3',
  'supervisor-3',
  'document-4',
  'tarefe-4',
  'executive-4',
  'supervisor-4',
  'first',
  'second',
  'box_pad',
  'pocket',
] as const;
export type Place = (typeof PLACES)[number];

export const BOX_KEYS = [
  'digit_0',
  'digit_1',
  'digit_2',
  'digit_3',
  'digit_4',
  'digit_5',
  'digit_6',
  'digit_7',
  'digit_8',
  'digit_9',
  'white',
  'correction',
  'green',
] as const;

export const CABLES = ['box', 'role_reader', 'admission_reader'] as const;
export type Cable = (typeof CABLES)[number];

/** A station of 20,000 votes still needs no more cards than people stand in its room at once. */
export const TAREFE_CARDS_MAX = 1000;
export const WAIT_MS_MAX = 120_000;

const station = z.string().max(40);
const card = z.string().min(1).max(80);
const hex32 = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits');
const pin = z.string().regex(PIN_PATTERN, '4 to 8 digits');
const nationalCode = z.string().regex(/^[0-9]{10}$/, 'ten digits');
const name = z.string().min(1).max(80);

export const newCardSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('voter'),
    national_code: nationalCode,
    name,
    birth_date: z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/, 'YYYY-MM-DD'),
    pin: pin.default('1234'),
    /** not kept over a restart of the bench: for the thousands of a day's run */
    temporary: z.boolean().default(false),
    /** the registry's signature on it does not hold */
    forged: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('amayesh'),
    inclusive_code: z.string().regex(/^[0-9]{12}$/, 'twelve digits'),
  }),
  z.strictObject({ kind: z.literal('foreign') }),
  z.strictObject({ kind: z.literal('plastic') }),
  /** one more blank card of the station's key */
  z.strictObject({ kind: z.literal('tarefe') }),
  /** another card of a role with a key of its own, as a wrong card brought on the day */
  z.strictObject({ kind: z.literal('role'), role: roleSchema, pin }),
]);
export type NewCard = z.output<typeof newCardSchema>;

export const deedSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('stations') }),
  z.strictObject({ do: z.literal('add_station'), config: stationBenchSchema }),
  z.strictObject({ do: z.literal('remove_station'), station }),
  z.strictObject({
    do: z.literal('enrolment'),
    station,
    election: z.string().max(40),
    /** Ed25519, whom box and cards trust */
    authority_key: hex32,
    /** a PIN for every role that gets a card */
    pins: z.partialRecord(roleSchema, pin),
    pin_tries_max: z.int().min(1).max(15).default(3),
    tarefe_cards: z.int().min(1).max(TAREFE_CARDS_MAX),
    /** admission terminals: each with role cards of its own */
    terminals: z.int().min(1).max(TERMINALS_MAX).default(1),
    box_unit: z.int().min(1).max(99).default(1),
  }),
  z.strictObject({ do: z.literal('make_card'), station, card: newCardSchema, as: card.optional() }),
  z.strictObject({ do: z.literal('discard_card'), station, card }),
  z.strictObject({ do: z.literal('place_card'), station, card, where: z.enum(PLACES) }),
  z.strictObject({ do: z.literal('finger'), station, national_code: nationalCode.nullable() }),
  z.strictObject({ do: z.literal('press'), station, key: z.enum(BOX_KEYS) }),
  z.strictObject({
    do: z.literal('paper'),
    station,
    fault: z.enum(['jam', 'clear', 'out', 'refill', 'unseen_fall']),
  }),
  z.strictObject({ do: z.literal('lid'), station, open: z.boolean() }),
  z.strictObject({ do: z.literal('cable'), station, link: z.enum(CABLES), plugged: z.boolean() }),
  z.strictObject({ do: z.literal('power'), station, on: z.boolean() }),
  /** The box's clock jumps, as if everybody had waited: ten hours of voting need not be sat through. */
  z.strictObject({ do: z.literal('pass_time'), station, minutes: z.int().min(1).max(2880) }),
  z.strictObject({ do: z.literal('state'), station, raster: z.boolean().default(false) }),
  /** Answers when the window is so: at once, or after the next change that makes it so. */
  z.strictObject({
    do: z.literal('await_window'),
    station,
    window: z.enum(['empty', 'paper', 'jammed']),
    timeout_ms: z.int().min(0).max(WAIT_MS_MAX),
  }),
  /** From now on this connection gets an event after each change in the room. */
  z.strictObject({ do: z.literal('watch'), station }),
  z.strictObject({
    do: z.literal('papers'),
    station,
    bin: z.enum(['bin', 'rejected', 'retained']),
    from: z.int().min(0),
  }),
]);
export type Deed = z.output<typeof deedSchema>;
export type DeedInput = z.input<typeof deedSchema>;
export type DeedName = Deed['do'];

export interface RasterView {
  readonly width_dots: number;
  readonly rows: number;
  /** rows of width_dots / 8 bytes, most significant bit leftmost, 1 is black */
  readonly base64: string;
}

export interface CardView {
  readonly card: string;
  readonly kind: 'role' | 'tarefe' | 'voter' | 'amayesh' | 'foreign' | 'plastic';
  readonly where: Place;
  readonly role?: string;
  /** of several cards of the role */
  readonly number?: number;
  /** bench only: on a real card it is in its holder's head */
  readonly pin?: string;
  readonly name?: string;
  readonly national_code?: string;
  readonly inclusive_code?: string;
}

/** What a person in the room can see. Whether a tarefe card is armed is not among it. */
export interface RoomView {
  readonly station: string;
  readonly power: boolean;
  /** the firmware asked the metal for something impossible, and was stopped */
  readonly firmware_fault: string | null;
  readonly cables: Readonly<Record<Cable, boolean>>;
  readonly window: 'empty' | 'paper' | 'jammed';
  readonly overprinted: boolean;
  readonly bins: {
    readonly bin: number;
    readonly rejected: number;
    readonly retained: number;
    readonly taken_out: number;
  };
  /** a paper has fallen into the bin since the card on the pad was laid: its voter is done */
  readonly fell_since_card: boolean;
  readonly paper_out: boolean;
  readonly jam_armed: boolean;
  readonly unseen_fall_armed: boolean;
  readonly lid_open: boolean;
  readonly finger: string | null;
  /** admission desks, one a terminal */
  readonly desks: number;
  readonly slots: Readonly<Record<Exclude<Place, 'pocket'>, string | null>>;
}

export interface StationState extends RoomView {
  readonly enrolled: boolean;
  readonly cards: readonly CardView[];
  /** present while a picture stands in the window and it was asked for */
  readonly raster: RasterView | null;
}

export interface EnrolledCard {
  readonly card: string;
  readonly role: string;
  readonly subject: string;
  /** Ed25519, hex */
  readonly key: string;
  /** X25519, hex, of the closing representatives */
  readonly count_key?: string;
}

/** Everything public that an election's package needs of this station's hardware. */
export interface Enrolment {
  readonly station: string;
  readonly election: string;
  readonly box: { readonly subject: string; readonly key: string };
  readonly tarefe: { readonly subject: string; readonly key: string };
  readonly roles: readonly EnrolledCard[];
  readonly tarefe_cards: readonly string[];
}

export interface DeedValues {
  readonly stations: readonly string[];
  readonly add_station: RoomView;
  readonly remove_station: null;
  readonly enrolment: Enrolment;
  readonly make_card: CardView;
  readonly discard_card: null;
  readonly place_card: RoomView;
  readonly finger: null;
  readonly press: null;
  readonly paper: RoomView;
  readonly lid: RoomView;
  readonly cable: RoomView;
  readonly power: RoomView;
  readonly pass_time: null;
  readonly state: StationState;
  readonly await_window: RoomView;
  readonly watch: RoomView;
  /** a page of the papers kept, and where to go on; null at the end */
  readonly papers: { readonly papers: readonly RasterView[]; readonly next: number | null };
}

export const CONTROL_LINE_BYTES_MAX = 1024 * 1024;
export const WAITING_DEEDS_MAX = 256;
