/**
 * A whole day from one recorder alone: the station is lost and the box is there, or the other way round. What comes out is
 * a slip that says that it is disputed, each segment with the digest of one evidence file, signed by the voting device and
 * by both closing representatives: the province takes it as disputed, and both boards settle it from the evidence.
 *
 * The cards give the keys of the count only for the box's own last word. Where it was never closed there is none: then the
 * slip carries the sealed set and no totals.
 */
import {
  amendmentsInForce,
  type Bytes,
  type CountSecretKeys,
  checkBundle,
  checkProvisioning,
  encode,
  equalBytes,
  type Provisioning,
  parseTyped,
  ROLE_SLOTS,
  records,
  type StationId,
  sealedBytes,
  setRoot,
  signTyped,
  stationDirectory,
  stationFile,
  stationUnder,
  toHex,
  utf8,
  votingSubject,
  wipe,
  withdrawnUnder,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import {
  approve,
  type CardPort,
  cardIn,
  readRoleIdentity,
  releaseCountKey,
  selectCard,
  verifyRolePin,
} from '../devices/cards.ts';
import { type CountResult, countRecords } from '../outputs/count.ts';
import { connectRoleReader, type RoleReaderPorts, type SlotPin } from '../recount/card-keys.ts';
import { readProvisioningFolder } from '../stores/provisioning-folder.ts';
import { CLOSING_ROLES } from '../voting/closing.ts';
import { type DayEvidence, type Recorder, RecoveryRefused, readDay } from './evidence.ts';

export const REASON_CHARACTERS_MAX = 400;

export interface RecoveryOrder {
  readonly packageFolder: string;
  readonly authorityKey: Bytes;
  readonly stationId: StationId;
  readonly recorder: Recorder;
  /** of the box: what its auditor wrote; of the station: its data folder */
  readonly folder: string;
  /** AdmissionSummary record, signed by the admission device */
  readonly admission: Bytes;
  /** of the voting device that signs: the old one, or one that an amendment enrolled */
  readonly deviceKey: Bytes;
  readonly reason: string;
  readonly atSeconds: number;
  readonly roleReader: RoleReaderPorts;
  readonly pins: readonly SlotPin[];
}

export interface RecoveryResult {
  readonly bundle: Bytes;
  readonly evidence: Bytes;
  readonly records: number;
  readonly counted: boolean;
  readonly breaks: readonly string[];
}

interface World {
  readonly order: RecoveryOrder;
  readonly provisioning: Provisioning;
  readonly stationRecord: Bytes;
  readonly station: records.Station;
  readonly inForce: Provisioning['amendments'];
}

interface ClosingCard {
  readonly role: records.Role;
  readonly card: CardPort;
  readonly pin: string;
}

function openWorld(order: RecoveryOrder): World {
  const files = readProvisioningFolder(order.packageFolder);
  const checked = checkProvisioning(files, nodeCrypto, order.authorityKey, 'apart');
  if (!checked.ok) throw new RecoveryRefused(`package: ${checked.fault.code} at ${checked.fault.at}`);
  const inForce = amendmentsInForce(checked.value, order.atSeconds);
  const station = stationUnder(checked.value, inForce, order.stationId);
  const stationRecord = files.get(stationFile(order.stationId));
  if (station === undefined || stationRecord === undefined)
    throw new RecoveryRefused('the station is not in the package');
  return { order, provisioning: checked.value, stationRecord, station, inForce };
}

async function withClosingCards<Value>(
  order: RecoveryOrder,
  body: (cards: readonly ClosingCard[]) => Promise<Value>,
): Promise<Value> {
  const reader = await connectRoleReader(order.roleReader);
  try {
    const cards: ClosingCard[] = [];
    for (const { slot, pin } of order.pins) {
      const card = cardIn(reader, ROLE_SLOTS[slot]);
      const selected = await selectCard(card, 'role_card');
      const identity = selected.ok ? await readRoleIdentity(card) : selected;
      if (!identity.ok) throw new RecoveryRefused(`role card in ${slot}: ${identity.fault.code}`);
      cards.push({ role: identity.value.role, card, pin });
    }
    for (const role of CLOSING_ROLES)
      if (!cards.some((one) => one.role === role)) throw new RecoveryRefused(`the card of ${role} is needed`);
    return await body(cards);
  } finally {
    reader.close();
  }
}

async function verified({ role, card, pin }: ClosingCard): Promise<void> {
  const answer = await verifyRolePin(card, pin);
  if (!answer.ok) throw new RecoveryRefused(`card of ${role}: ${answer.fault.code}`);
}

async function countDay(
  world: World,
  day: DayEvidence,
  cards: readonly ClosingCard[],
): Promise<CountResult | undefined> {
  const { commitment, session } = day;
  if (commitment === undefined) return undefined;
  const keys = new Map<records.Role, Bytes>();
  try {
    for (const one of cards) {
      await verified(one);
      const release = {
        station: world.stationRecord,
        session: session.record,
        commitment: commitment.record,
      };
      const released = await releaseCountKey(one.card, release);
      if (!released.ok) throw new RecoveryRefused(`card of ${one.role} gives no key: ${released.fault.code}`);
      keys.set(one.role, released.value);
    }
    const secret: CountSecretKeys = {
      governorRepresentative: keys.get('governor_representative') as Bytes,
      councilRepresentative: keys.get('council_representative') as Bytes,
    };
    const { package: election } = world.provisioning;
    const withdrawn = election.contests.map((_, contest) => withdrawnUnder(world.inForce, contest));
    return await countRecords(
      nodeCrypto,
      election,
      withdrawn,
      session.value,
      secret,
      day.sealed,
      () => undefined,
    );
  } finally {
    for (const key of keys.values()) wipe(key);
  }
}

/** What people will settle it from; its digest stands in both segments. */
function evidenceOf(world: World, day: DayEvidence, counted: CountResult | undefined): Bytes {
  const { order } = world;
  return utf8(
    `${JSON.stringify({
      station: order.stationId,
      session: toHex(day.session.value.sessionId),
      lost: order.recorder === 'box' ? 'station' : 'box',
      reason: order.reason,
      source: order.recorder,
      records: day.sealed.length,
      set_root: toHex(setRoot(nodeCrypto, day.sealed)),
      records_without_signature: day.unsigned,
      records_unreadable: counted?.unreadable ?? null,
      committed:
        day.commitment === undefined
          ? null
          : { records: day.commitment.value.records, set_root: toHex(day.commitment.value.setRoot) },
      set_is_the_committed_one:
        day.commitment === undefined
          ? null
          : equalBytes(setRoot(nodeCrypto, day.sealed), day.commitment.value.setRoot),
      flash_audit: day.audit ?? null,
    })}\n`,
  );
}

const emptyTotals = (election: records.Package): records.Slip['totals'] =>
  election.contests.map(({ candidatesCount }, contest) => ({
    ...{ contest, records: 0, valid: 0, blank: 0, invalid: 0, marks: 0, undervotes: 0 },
    candidates: new Array<number>(candidatesCount).fill(0),
  }));

function segmentsOf(world: World, day: DayEvidence, evidence: Bytes): records.Slip['segments'] {
  const { sessionId, boxSubject } = day.session.value;
  const held = { records: day.sealed.length, setRoot: setRoot(nodeCrypto, day.sealed) };
  const lost = { records: 0, setRoot: setRoot(nodeCrypto, []) };
  // Of a lost box its last word may still be known: the station kept the commitment.
  const word = day.commitment?.value;
  const lostBox = word === undefined ? lost : { records: word.records, setRoot: word.setRoot };
  const dispute = { disputed: true, evidence: nodeCrypto.sha256(evidence) };
  const fromBox = world.order.recorder === 'box';
  return [
    { kind: 'box', sessionId, subject: boxSubject, ...(fromBox ? held : lostBox), ...dispute },
    {
      kind: 'station',
      sessionId,
      subject: votingSubject(world.order.stationId),
      ...(fromBox ? lost : held),
      ...dispute,
    },
  ];
}

function slipOf(
  world: World,
  day: DayEvidence,
  admissions: records.AdmissionSummary,
  counted: CountResult | undefined,
  evidence: Bytes,
): records.Slip {
  const { order, provisioning, inForce } = world;
  const { package: election } = provisioning;
  const session = day.session.value;
  const word = day.commitment?.value;
  const cast = word?.cardsSpent ?? Math.floor(day.sealed.length / election.contests.length);
  const ended = cast + admissions.tarefeReturned + admissions.tarefeSpoiled + admissions.tarefeAbandoned;
  const held = day.sealed.length;
  const fromBox = order.recorder === 'box';
  return {
    stationId: order.stationId,
    mode: session.mode,
    packageDigest: provisioning.packageDigest,
    sessionIds: [session.sessionId],
    totals: counted?.totals ?? emptyTotals(election),
    tarefe: {
      issued: admissions.tarefeIssued,
      cast,
      returned: admissions.tarefeReturned,
      spoiled: admissions.tarefeSpoiled,
      abandoned: admissions.tarefeAbandoned,
      outstanding: Math.max(0, admissions.tarefeIssued - ended),
    },
    papers: {
      printed: word?.papersPrinted ?? 0,
      inBin: word?.papersInBin ?? 0,
      rejected: word?.papersRejected ?? 0,
      retained: word?.papersRetained ?? 0,
    },
    slots: {
      box: fromBox ? held : (word?.records ?? 0),
      station: fromBox ? 0 : held,
      tallied: counted?.tallied ?? 0,
    },
    admissions,
    segments: segmentsOf(world, day, evidence),
    disputed: true,
    openedBucket: session.openedBucket,
    closedAt: Math.max(order.atSeconds, session.openedBucket),
    denominator: election.settings.denominator,
    ...(inForce.length === 0 ? {} : { amendments: inForce.map(({ digest }) => digest) }),
  };
}

async function approvals(cards: readonly ClosingCard[], digest: Bytes): Promise<readonly Bytes[]> {
  const given: Bytes[] = [];
  for (const one of cards) {
    await verified(one);
    const record = await approve(one.card, { action: 'slip', role: one.role, digest });
    if (!record.ok) throw new RecoveryRefused(`card of ${one.role} does not sign: ${record.fault.code}`);
    given.push(record.value);
  }
  return given;
}

function readAdmission(order: RecoveryOrder): records.AdmissionSummary {
  const parsed = parseTyped(order.admission, 'admission-summary', records.admissionSummaryShape);
  if (!parsed.ok) throw new RecoveryRefused('the admission summary is damaged');
  return parsed.value.value;
}

/** @throws RecoveryRefused or KeyRefused with what stands in the way; nothing is written */
export async function recoverDay(order: RecoveryOrder): Promise<RecoveryResult> {
  if (order.reason.length === 0 || order.reason.length > REASON_CHARACTERS_MAX)
    throw new RecoveryRefused(`a reason of at most ${REASON_CHARACTERS_MAX} characters is wanted`);
  const world = openWorld(order);
  const { provisioning, station } = world;
  const directory = stationDirectory(provisioning, station);
  const day = readDay(
    order.recorder,
    order.folder,
    provisioning,
    directory,
    sealedBytes(provisioning.package.contests),
  );
  const admissions = readAdmission(order);
  return withClosingCards(order, async (cards) => {
    const counted = await countDay(world, day, cards);
    const evidence = evidenceOf(world, day, counted);
    const slip = slipOf(world, day, admissions, counted, evidence);
    const signer = votingSubject(order.stationId);
    const record = signTyped(
      nodeCrypto,
      order.deviceKey,
      { type: 'slip', election: provisioning.election, signer },
      records.slipShape,
      slip,
    );
    const digest = nodeCrypto.sha256(encode(records.slipShape, slip));
    const bundle = encode(records.bundleShape, {
      slip: record,
      approvals: await approvals(cards, digest),
      sessions: [day.session.record],
      zeroReports: [day.zeroReport.record],
      commitments: day.commitment === undefined ? [] : [day.commitment.record],
      admission: order.admission,
    });
    // The judge of the intake, here: nothing leaves that the province would refuse.
    const judged = checkBundle(provisioning, nodeCrypto, bundle, order.atSeconds);
    if (!judged.ok)
      throw new RecoveryRefused(`the bundle would be refused: ${judged.fault.code} at ${judged.fault.at}`);
    const breaks = [...new Set(judged.value.breaks.map(({ code }) => code))];
    return { bundle, evidence, records: day.sealed.length, counted: counted !== undefined, breaks };
  });
}
