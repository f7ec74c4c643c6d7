/** `npm run election -- COMMAND`: makes, checks, signs, amends and shows an election package. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type Bytes,
  decode,
  fromHex,
  PICTURE_BYTES_MAX,
  type ProvisioningFiles,
  parseTyped,
  records,
  SECRET_KEY_BYTES,
  STATIONS_MAX,
  toHex,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import {
  amendProvisioning,
  buildProvisioning,
  type DefinitionMistake,
  electionTemplate,
  type JudgedDraft,
  judgeDraft,
  readProvisioning,
  readProvisioningFiles,
  writeProvisioning,
} from '@sandoq/tally-server';

const HELP = `npm run election -- COMMAND …

  new FILE                       writes a definition to begin from
  check FILE [--pictures DIR] [--stations DIR]
                                 every mistake and warning with where it is; largest slip, print length, QR codes
  sign FILE --stations DIR --authority-key KEY --intake-key HEX --out DIR [--pictures DIR]
                                 checks once more, signs, reads back what was built, writes the provisioning folder
  amend DIR --authority-key KEY --reason-fa TEXT --reason-en TEXT [--effective-at TIME] and one of
      --withdraw CONTEST:CODE    a candidate withdraws
      --closes-at TIME [--open-minutes N]   the hours change
      --station FILE             a station's entry is replaced
  show DIR --authority HEX       what a signed folder holds

  --pictures DIR       the pictures that the definition names (PNG or JPEG)
  --stations DIR       stations' enrolments: ID.cbor (the unsigned Station record) or ID.cose (a signed one, read anew)
  --authority-key KEY  file with the authority's 32-byte secret key
  --intake-key HEX     the province's public intake key
  --lang fa|en         language of mistakes (default fa)
  TIME                 RFC 3339 with an offset

Last line of the output: JSON. Exit: 0 done, 1 refused with its mistakes, 2 wrong usage or unreadable file.
`;

function usage(why: string): never {
  process.stderr.write(`${why}\n\n${HELP}`);
  process.exit(2);
}

const text = { type: 'string' } as const;
const OPTIONS = {
  pictures: text,
  stations: text,
  'authority-key': text,
  'intake-key': text,
  out: text,
  'reason-fa': text,
  'reason-en': text,
  'effective-at': text,
  withdraw: text,
  'closes-at': text,
  'open-minutes': text,
  station: text,
  authority: text,
  lang: text,
  help: { type: 'boolean' },
} as const;

function parsed() {
  try {
    return parseArgs({ allowPositionals: true, options: OPTIONS });
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'the arguments cannot be read');
  }
}

const { values, positionals } = parsed();
if (values.help === true) {
  process.stdout.write(HELP);
  process.exit(0);
}
const locale = values.lang ?? 'fa';
if (locale !== 'fa' && locale !== 'en') usage('--lang wants fa or en');
const nowSeconds = Math.floor(Date.now() / 1000);

function finish(ok: boolean, figures: object): never {
  process.stdout.write(`${JSON.stringify({ name: 'election', ok, figures })}\n`);
  process.exit(ok ? 0 : 1);
}

function bytesIn(path: string): Bytes {
  try {
    return new Uint8Array(readFileSync(path));
  } catch {
    return usage(`${path} cannot be read`);
  }
}

function jsonIn(path: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytesIn(path)));
  } catch (cause) {
    return usage(`${path} is no JSON: ${cause instanceof Error ? cause.message : ''}`);
  }
}

function picturesIn(folder: string | undefined): ReadonlyMap<string, Bytes> {
  const pictures = new Map<string, Bytes>();
  if (folder === undefined) return pictures;
  if (!existsSync(folder)) usage(`${folder} is no folder`);
  // What is too large is read no further than to say so.
  for (const name of readdirSync(folder).sort())
    if (/\.(png|jpg)$/.test(name) && statSync(join(folder, name)).size <= 16 * PICTURE_BYTES_MAX)
      pictures.set(name, bytesIn(join(folder, name)));
  return pictures;
}

function stationIn(path: string): records.Station {
  const bytes = bytesIn(path);
  if (path.endsWith('.cose')) {
    const record = parseTyped(bytes, 'station', records.stationShape);
    if (record.ok) return record.value.value;
    return usage(`${path}: ${record.fault.code}, wanted ${record.fault.wanted}`);
  }
  const plain = decode(records.stationShape, bytes);
  return plain.ok ? plain.value : usage(`${path}: ${plain.fault.at}, wanted ${plain.fault.wanted}`);
}

function stationsIn(folder: string | undefined): readonly records.Station[] | undefined {
  if (folder === undefined) return undefined;
  if (!existsSync(folder)) usage(`${folder} is no folder`);
  const names = readdirSync(folder)
    .filter((name) => /\.(cbor|cose)$/.test(name))
    .sort();
  if (names.length > STATIONS_MAX) usage(`${folder} holds more than ${STATIONS_MAX} stations`);
  return names.map((name) => stationIn(join(folder, name)));
}

function secretIn(path: string | undefined): Bytes {
  if (path === undefined) usage('--authority-key is missing');
  const key = bytesIn(path);
  return key.length === SECRET_KEY_BYTES ? key : usage('--authority-key: the file does not hold 32 bytes');
}

function timeOf(option: string, given: string): number {
  const at = Date.parse(given);
  if (!/(Z|[+-]\d\d:\d\d)$/.test(given) || Number.isNaN(at))
    usage(`--${option} wants a time with its offset, for example 2026-11-22T22:00:00+03:30`);
  return Math.floor(at / 1000);
}

function tell(kind: { readonly fa: string; readonly en: string }, list: readonly DefinitionMistake[]): void {
  for (const { where_fa, where_en, message, message_fa } of list)
    process.stderr.write(
      locale === 'fa' ? `${kind.fa} — ${where_fa}: ${message_fa}\n` : `${kind.en}: ${where_en}: ${message}\n`,
    );
}

function judged(file: string): JudgedDraft {
  const result = judgeDraft(
    {
      definition: jsonIn(file),
      pictures: picturesIn(values.pictures),
      stations: stationsIn(values.stations),
    },
    nowSeconds,
  );
  tell({ fa: 'خطا', en: 'mistake' }, result.mistakes);
  tell({ fa: 'هشدار', en: 'warning' }, result.warnings);
  return result;
}

const figuresOf = ({ mistakes, warnings, capacity }: JudgedDraft) => ({
  mistakes: mistakes.map(({ path, code }) => ({ path, code })),
  warnings: warnings.map(({ path, code }) => ({ path, code })),
  ...(capacity ?? {}),
});

function sign(file: string): never {
  const intakeKey = fromHex(values['intake-key'] ?? '');
  if (intakeKey?.length !== 32) usage('--intake-key wants 64 hexadecimal digits');
  const out = values.out ?? usage('--out is missing');
  if (values.stations === undefined) usage('--stations is missing');
  if (existsSync(join(out, 'package.cose'))) usage(`${out} holds a package already: a signed one is amended`);
  const draft = judged(file);
  if (draft.definition === undefined || draft.mistakes.length > 0) finish(false, figuresOf(draft));
  const secretKey = secretIn(values['authority-key']);
  const built = buildProvisioning({
    definition: draft.definition,
    authoritySecretKey: secretKey,
    intakePublicKey: intakeKey,
    stations: stationsIn(values.stations) ?? [],
    pictures: picturesIn(values.pictures),
  });
  const authority = toHex(nodeCrypto.signingPublicKey(secretKey));
  secretKey.fill(0);
  if (!built.ok) {
    process.stderr.write(`${built.fault.code}: ${built.fault.at}: ${built.fault.wanted}\n`);
    finish(false, { ...figuresOf(draft), refused: built.fault });
  }
  writeProvisioning(out, built.value);
  finish(true, { ...figuresOf(draft), authority, ...sizesOf(built.value) });
}

const sizesOf = (files: ProvisioningFiles) => ({
  files: files.size,
  bytes: [...files.values()].reduce((sum, { length }) => sum + length, 0),
  package_bytes: files.get('package.cose')?.length ?? 0,
});

function changeOf(authority: Bytes): records.AmendmentChange {
  const given = [values.withdraw, values['closes-at'], values.station].filter((one) => one !== undefined);
  if (given.length !== 1) usage('one of --withdraw, --closes-at and --station is wanted');
  if (values.station !== undefined) return { kind: 'station_replaced', station: stationIn(values.station) };
  const folder = positionals[1] as string;
  const held = readProvisioning(folder, nodeCrypto.signingPublicKey(authority));
  if (!held.ok) finish(false, { refused: held.fault });
  if (values['closes-at'] !== undefined) {
    const openMinutesMin = Number(values['open-minutes'] ?? held.value.package.settings.openMinutesMin);
    if (!Number.isSafeInteger(openMinutesMin) || openMinutesMin < 0)
      usage('--open-minutes wants a whole number');
    return { kind: 'hours_changed', closesAt: timeOf('closes-at', values['closes-at']), openMinutesMin };
  }
  const [contestId, code] = (values.withdraw ?? '').split(':');
  const contest = held.value.package.contests.findIndex(({ id }) => id === contestId);
  if (contest < 0) usage(`--withdraw: no contest "${contestId}"`);
  const candidate =
    held.value.candidateLists[contest]?.candidates.findIndex((one) => one.code === code) ?? -1;
  if (candidate < 0) usage(`--withdraw: no candidate with the code "${code ?? ''}"`);
  return { kind: 'candidate_withdrawn', contest, candidate };
}

function amend(folder: string): never {
  const reason = {
    fa: values['reason-fa'] ?? usage('--reason-fa is missing'),
    en: values['reason-en'] ?? usage('--reason-en is missing'),
  };
  const files = readProvisioningFiles(folder);
  if (!files.ok) finish(false, { refused: files.fault });
  const secretKey = secretIn(values['authority-key']);
  const effectiveAt =
    values['effective-at'] === undefined ? nowSeconds : timeOf('effective-at', values['effective-at']);
  const change = changeOf(secretKey);
  const amended = amendProvisioning(files.value, secretKey, { change, reason, effectiveAt });
  secretKey.fill(0);
  if (!amended.ok) {
    process.stderr.write(`${amended.fault.code}: ${amended.fault.at}: ${amended.fault.wanted}\n`);
    finish(false, { refused: amended.fault });
  }
  writeProvisioning(folder, amended.value);
  finish(true, { change: change.kind, ...sizesOf(amended.value) });
}

function show(folder: string): never {
  const authority = fromHex(values.authority ?? '');
  if (authority?.length !== 32) usage('--authority wants 64 hexadecimal digits');
  const held = readProvisioning(folder, authority);
  if (!held.ok) {
    process.stderr.write(`${held.fault.code}: ${held.fault.at}: ${held.fault.wanted}\n`);
    finish(false, { refused: held.fault });
  }
  const { election, package: signed, packageDigest, stations, amendments, candidateLists } = held.value;
  finish(true, {
    election,
    title: signed.title,
    version: signed.version,
    demonstration: signed.demonstration,
    package_digest: toHex(packageDigest),
    contests: signed.contests.map(({ id, law, seats, choicesMax, candidatesCount }) => ({
      id,
      law,
      seats,
      choices_max: choicesMax,
      candidates: candidatesCount,
    })),
    pictures: candidateLists
      .flatMap(({ candidates }) => candidates)
      .filter((one) => one.pictureDigest !== undefined).length,
    stations: stations.size,
    amendments: amendments.map(({ amendment }) => ({
      change: amendment.change.kind,
      effective_at: amendment.effectiveAt,
      reason: amendment.reason,
    })),
  });
}

const [command, target, ...rest] = positionals;
if (command === undefined || target === undefined || rest.length > 0)
  usage('a COMMAND and one FILE or DIR are wanted');
switch (command) {
  case 'new':
    if (existsSync(target)) usage(`${target} is there already`);
    writeFileSync(target, `${JSON.stringify(electionTemplate(), null, 2)}\n`);
    finish(true, { file: target });
    break;
  case 'check': {
    const draft = judged(target);
    finish(draft.definition !== undefined && draft.mistakes.length === 0, figuresOf(draft));
    break;
  }
  case 'sign':
    sign(target);
    break;
  case 'amend':
    amend(target);
    break;
  case 'show':
    show(target);
    break;
  default:
    usage(`unknown command: ${command}`);
}
