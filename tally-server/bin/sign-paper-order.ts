/** `npm run paper -- …`: signs an order that two agreeing entries of a paper count gave, each signer with its own key. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  AUTHORITY_SUBJECT,
  BOARD_ROLES,
  type Bytes,
  decode,
  type ElectionId,
  encode,
  fromHex,
  type RecordType,
  records,
  roleSubject,
  SECRET_KEY_BYTES,
  type Subject,
  signRecord,
  signTyped,
  votingSubject,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';

const HELP = `npm run paper -- --order FILE --out FILE --voting-key KEY --authority-key KEY
                --executive-board-key KEY --supervisory-board-key KEY

  --order FILE   the order from the officials' page of the station's paper count
  --out FILE     the correction, as it goes to POST /api/elections/ID/corrections
  …-key KEY      files with 32-byte secret keys: of the station's voting device, the authority, and both boards' cards

Every signer should read the order first: it shows the paper count on standard error. Last line: JSON.
Exit: 0 signed, 1 the order is not one, 2 wrong usage.
`;

function usage(why: string): never {
  process.stderr.write(`${why}\n\n${HELP}`);
  process.exit(2);
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n`);
  process.stdout.write(`${JSON.stringify({ name: 'paper', ok: false, figures: { refused: why } })}\n`);
  process.exit(1);
}

const text = { type: 'string' } as const;
function parsed() {
  try {
    return parseArgs({
      options: {
        order: text,
        out: text,
        'voting-key': text,
        'authority-key': text,
        'executive-board-key': text,
        'supervisory-board-key': text,
        help: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'the arguments cannot be read');
  }
}

const values = parsed();
if (values.help === true) {
  process.stdout.write(HELP);
  process.exit(0);
}

function keyIn(
  option: 'voting-key' | 'authority-key' | 'executive-board-key' | 'supervisory-board-key',
): Bytes {
  const path = values[option] ?? usage(`--${option} is missing`);
  let bytes: Bytes;
  try {
    bytes = new Uint8Array(readFileSync(path));
  } catch {
    return usage(`--${option}: ${path} cannot be read`);
  }
  return bytes.length === SECRET_KEY_BYTES ? bytes : usage(`--${option}: the file does not hold 32 bytes`);
}

interface Order {
  readonly election: ElectionId;
  readonly station: string;
  readonly supersedes: Bytes;
  readonly slipPayload: Bytes;
  readonly slip: records.Slip;
  readonly evidence: Bytes;
  readonly reason: records.Bilingual;
}

function orderIn(path: string): Order {
  let json: Readonly<Record<string, unknown>>;
  try {
    json = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>;
  } catch {
    return usage(`--order: ${path} is no JSON`);
  }
  const hex = (field: string): Bytes =>
    fromHex(String(json[field])) ?? refuse(`the order's ${field} is not hexadecimal`);
  if (json['form'] !== 'sandoq.paper-order/1') refuse('the file is no paper order');
  const slipPayload = hex('slip');
  const slip = decode(records.slipShape, slipPayload);
  if (!slip.ok) return refuse(`the order's slip: ${slip.fault.at}, wanted ${slip.fault.wanted}`);
  if (slip.value.stationId !== json['station']) refuse("the order's slip is another station's");
  return {
    election: String(json['election']) as ElectionId,
    station: slip.value.stationId,
    supersedes: hex('supersedes'),
    slipPayload,
    slip: slip.value,
    evidence: hex('evidence'),
    reason: json['reason'] as records.Bilingual,
  };
}

const order = orderIn(values.order ?? usage('--order is missing'));
const out = values.out ?? usage('--out is missing');
for (const segment of order.slip.segments)
  if (segment.kind === 'paper')
    process.stderr.write(
      `station ${order.station}: ${JSON.stringify({ papers: segment.papers, totals: segment.totals })}\n`,
    );

const header = (type: RecordType, signer: string) => ({
  type,
  election: order.election,
  signer: signer as Subject,
});
const slip = signRecord(
  nodeCrypto,
  keyIn('voting-key'),
  header('slip', votingSubject(order.station)),
  order.slipPayload,
);
const correction: records.Correction = {
  stationId: order.station,
  supersedes: order.supersedes,
  slip,
  reason: order.reason,
  evidence: order.evidence,
};
const payload = encode(records.correctionShape, correction);
const digest = nodeCrypto.sha256(payload);
const approvals = BOARD_ROLES.map((role) =>
  signTyped(
    nodeCrypto,
    keyIn(role === 'executive_board' ? 'executive-board-key' : 'supervisory-board-key'),
    header('approval', roleSubject(order.station, role)),
    records.approvalShape,
    { action: 'correction', role, digest },
  ),
);
const bundle = encode(records.correctionBundleShape, {
  correction: signRecord(
    nodeCrypto,
    keyIn('authority-key'),
    header('correction', AUTHORITY_SUBJECT),
    payload,
  ),
  approvals,
});
writeFileSync(out, bundle);
process.stdout.write(
  `${JSON.stringify({ name: 'paper', ok: true, figures: { station: order.station, bytes: bundle.length, signatures: 4 } })}\n`,
);
