/**
 * Junk at the province's door: everything that is not an honest new slip, over real sockets to the real process, each
 * kind with the name that it must be answered by. None may be a 500, and the process may not grow.
 */
import { connect } from 'node:net';
import { BUNDLE_BYTES_MAX, checkProvisioning, type Provisioning } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { type Bends, BundleBuilder, votesOf } from '../../test/bundle-builder.ts';
import { AUTHORITY_KEY, provinceOf, secretOf, stationNamed } from '../../test/province.ts';
import { ServedProvince } from './served.ts';

export interface JunkOrder {
  readonly requests: number;
  readonly seed: number;
  readonly say: (text: string) => void;
}

export interface JunkFigures {
  readonly requests: number;
  readonly answers: Readonly<Record<string, number>>;
  /** kind, what came and what was wanted; at most UNEXPECTED_MAX */
  readonly unexpected: readonly string[];
  readonly server_errors: number;
  readonly memory_after_warm_up_mib: number;
  readonly memory_at_end_mib: number;
  readonly memory_peak_mib: number;
  readonly honest_slip_taken_after: boolean;
}

interface Kind {
  readonly name: string;
  readonly make: (random: () => number) => Uint8Array;
  /** `STATUS code`; a status alone where the body is no refusal */
  readonly wanted: readonly string[];
}

const UNEXPECTED_MAX = 20;
const LINES = 8;
/** Room for requests of which the server tells the sender to come again. */
const FULL = '503 intake_full';

function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

function post(path: string, body: Uint8Array, type = 'application/octet-stream'): Uint8Array {
  return joined(
    utf8(
      `POST ${path} HTTP/1.1\r\nHost: province\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`,
    ),
    body,
  );
}
const ask = (line: string, headers = ''): Uint8Array =>
  utf8(`${line} HTTP/1.1\r\nHost: province\r\n${headers}\r\n`);

const UPGRADE = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n`;

/** A package for the same stations that is another one: what a station with last week's stick has. */
function stale(provisioning: Provisioning): Provisioning {
  return { ...provisioning, packageDigest: nodeCrypto.sha256(utf8('an older package')) };
}

function kindsFor(served: ServedProvince): readonly Kind[] {
  const { provisioning } = served.province;
  const at = `/api/elections/${served.election}`;
  const bundle = (bends: Bends = {}, station = 's2', of: Provisioning = provisioning): Uint8Array =>
    new BundleBuilder(of, station, bends).build(votesOf(60, 3));
  const held = new BundleBuilder(provisioning, 's1').build(votesOf(50, 1));
  const honest = bundle();
  const slip = (name: string, body: Uint8Array, ...wanted: readonly string[]): Kind => ({
    name,
    make: () => post(`${at}/bundles`, body),
    wanted: [...wanted, FULL],
  });
  const stranger = provinceOf([stationNamed('s9')]);
  const strangers = checkProvisioning(stranger.files, nodeCrypto, AUTHORITY_KEY);
  if (!strangers.ok) throw new Error('the other province does not hold');
  return [
    {
      name: 'noise',
      make: (random) => {
        const bytes = new Uint8Array(Math.floor(random() * 2000));
        for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256);
        return post(`${at}/bundles`, bytes);
      },
      wanted: ['400 bundle_malformed', FULL],
    },
    {
      name: 'truncated',
      make: (random) =>
        post(`${at}/bundles`, honest.slice(0, 1 + Math.floor(random() * (honest.length - 2)))),
      wanted: ['400 bundle_malformed', FULL],
    },
    {
      name: 'a bit changed',
      make: (random) => {
        const bent = Uint8Array.from(honest);
        const place = Math.floor(random() * bent.length);
        bent[place] = (bent[place] as number) ^ (1 << Math.floor(random() * 8));
        return post(`${at}/bundles`, bent);
      },
      // Whatever the bit was: every answer of this kind is a refusal by name.
      wanted: ['400 *', '403 *', '404 *', '409 *', '422 *', FULL],
    },
    {
      name: 'oversized',
      make: () => post(`${at}/bundles`, new Uint8Array(BUNDLE_BYTES_MAX + 1)),
      wanted: ['413 body_too_large'],
    },
    slip('wrong election inside', bundle({ election: 'other-1405' }), '422 wrong_election'),
    {
      name: 'unknown election',
      make: () => post('/api/elections/none/bundles', honest),
      wanted: ['404 election_unknown'],
    },
    slip('wrong mode', bundle({ mode: 'official' }), '403 official_refused'),
    slip('wrong station', bundle({ slip: (one) => ({ ...one, stationId: 's3' }) }), '422 wrong_station'),
    slip(
      'unknown station',
      bundle({}, 's9', { ...strangers.value, packageDigest: provisioning.packageDigest }),
      '404 station_unknown',
    ),
    slip('stale package', bundle({}, 's2', stale(provisioning)), '422 package_differs'),
    slip(
      'stranger’s key',
      bundle({ secret: (subject) => secretOf(`stranger ${subject}`) }),
      '422 signature_invalid',
    ),
    slip('replay', held, '200'),
    slip(
      'a second slip of a station',
      new BundleBuilder(provisioning, 's1').build(votesOf(51, 1)),
      '409 slip_already_held',
    ),
    slip(
      'ledger broken',
      bundle({ slip: (one) => ({ ...one, tarefe: { ...one.tarefe, issued: one.tarefe.issued + 1 } }) }),
      '422 ledger_tarefe',
    ),
    slip('minutes unsigned', bundle({ minutes: ['executive', 'supervisor'] }), '422 approval_missing'),
    {
      name: 'a correction that is none',
      make: () => post(`${at}/corrections`, honest),
      wanted: ['400 bundle_malformed'],
    },
    {
      name: 'another type',
      make: () => post(`${at}/bundles`, utf8('{}'), 'application/json'),
      wanted: ['415 unsupported_media_type'],
    },
    { name: 'no such page', make: () => ask('GET /wp-login.php'), wanted: ['404'] },
    { name: 'no such address', make: () => ask('GET /api/wp-login'), wanted: ['404 not_found'] },
    { name: 'no such method', make: () => ask(`DELETE ${at}/bundles`), wanted: ['404 not_found'] },
    {
      name: 'a stranger as administrator',
      make: () => post(`${at}/publications`, new Uint8Array(0)),
      wanted: ['403 forbidden'],
    },
    {
      name: 'out of the folder',
      make: () => ask(`GET ${at}/bulletin/..%2f..%2fintake.key`),
      wanted: ['404 not_found'],
    },
    {
      name: 'a page that wants a claims line',
      make: () => ask(`GET ${at}/claims/line`, `${UPGRADE}Origin: http://province\r\n`),
      wanted: ['426 bad_request'],
    },
    {
      name: 'a claims line of no election',
      make: () => ask('GET /api/elections/none/claims/line', UPGRADE),
      wanted: ['426 bad_request'],
    },
    {
      name: 'another protocol',
      make: () => ask(`GET ${at}`, 'Connection: Upgrade\r\nUpgrade: h2c\r\n'),
      wanted: ['200'],
    },
    {
      // The line is given; what is said on it is no frame, and costs only the line.
      name: 'noise on a claims line',
      make: (random) => {
        const bytes = new Uint8Array(1 + Math.floor(random() * 2000));
        for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256);
        return joined(ask(`GET ${at}/claims/line`, UPGRADE), bytes);
      },
      wanted: ['101'],
    },
    { name: 'not HTTP', make: () => utf8('\u0016\u0003\u0001 hello\r\n\r\n'), wanted: ['400 bad_request'] },
    {
      name: 'headers without end',
      make: () => ask('GET /', `X-Long: ${'x'.repeat(20_000)}\r\n`),
      wanted: ['400 bad_request'],
    },
  ];
}

interface Answer {
  readonly status: number;
  readonly code: string;
}

/** One request over a connection of its own: a stranger does not keep lines open for us. */
function exchange(port: number, bytes: Uint8Array): Promise<Answer | 'closed'> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    const finish = (): void => {
      socket.destroy();
      const text = Buffer.concat(chunks).toString('latin1');
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
      const code = /"code":"([a-z_]+)"/.exec(text)?.[1] ?? '';
      resolve(status === 0 ? 'closed' : { status, code });
    };
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const text = Buffer.concat(chunks).toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (end >= 0 && text.length >= end + 4 + length) finish();
    });
    socket.on('error', finish);
    socket.on('close', finish);
    socket.on('connect', () => socket.write(bytes));
  });
}

const fits = ({ status, code }: Answer, wanted: readonly string[]): boolean =>
  wanted.some((one) => {
    const [number, name] = one.split(' ');
    return Number(number) === status && (name === undefined || (name === '*' ? code !== '' : name === code));
  });

export async function throwJunk({ requests, seed, say }: JunkOrder): Promise<JunkFigures> {
  const random = numbersFrom(seed);
  const served = new ServedProvince(['s1', 's2', 's3'].map((id) => stationNamed(id)));
  try {
    if (!(await served.start())) throw new Error(served.stderr.join('\n'));
    const port = Number(new URL(served.address).port);
    const path = `/api/elections/${served.election}/bundles`;
    const { provisioning } = served.province;
    const first = await exchange(
      port,
      post(path, new BundleBuilder(provisioning, 's1').build(votesOf(50, 1))),
    );
    if (first === 'closed' || first.status !== 201) throw new Error('the first slip was not taken');
    const kinds = kindsFor(served);
    const answers = new Map<string, number>();
    const unexpected: string[] = [];
    let sent = 0;
    let errors = 0;
    let warm = 0;
    const line = async (): Promise<void> => {
      while (sent < requests) {
        const number = sent++;
        // Every kind first, then by chance; the largest seldom, or the line would be all that is measured.
        const drawn = kinds[number < kinds.length ? number : Math.floor(random() * kinds.length)] as Kind;
        const isSeldom = drawn.name === 'oversized' && number >= kinds.length && random() > 0.02;
        const kind = isSeldom ? (kinds[0] as Kind) : drawn;
        const answer = await exchange(port, kind.make(random));
        const name = answer === 'closed' ? 'closed' : `${answer.status} ${answer.code}`.trim();
        answers.set(name, (answers.get(name) ?? 0) + 1);
        if (answer !== 'closed' && answer.status >= 500 && answer.status !== 503) errors++;
        // A sender whose request is refused while it still speaks may find the line closed before it reads why.
        const isFine =
          answer === 'closed'
            ? ['oversized', 'not HTTP', 'headers without end'].includes(kind.name)
            : fits(answer, kind.wanted);
        if (!isFine && unexpected.length < UNEXPECTED_MAX)
          unexpected.push(`${kind.name}: ${name}, wanted ${kind.wanted.join(' or ')}`);
        if (number === Math.floor(requests / 10)) warm = served.memory().nowMib;
        if (number > 0 && number % 100_000 === 0) say(`  ${number} requests, ${served.memory().nowMib} MiB`);
      }
    };
    await Promise.all(Array.from({ length: LINES }, line));
    const { nowMib, peakMib } = served.memory();
    const last = await exchange(
      port,
      post(path, new BundleBuilder(provisioning, 's2').build(votesOf(60, 3))),
    );
    return {
      requests: [...answers.values()].reduce((sum, one) => sum + one, 0),
      answers: Object.fromEntries([...answers].sort()),
      unexpected,
      server_errors: errors,
      memory_after_warm_up_mib: warm,
      memory_at_end_mib: nowMib,
      memory_peak_mib: peakMib,
      honest_slip_taken_after: last !== 'closed' && last.status === 201,
    };
  } finally {
    await served.remove();
  }
}
