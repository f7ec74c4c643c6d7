/**
 * The authoring process, on the authority's own machine and never on the province's server: one draft in a folder,
 * judged at every change, signed with the authority's key when it has no mistake, amended afterwards.
 */
import { timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePage, type PageFile } from '@sandoq/kit/bundle';
import {
  type Bytes,
  decode,
  failure,
  PICTURE_BYTES_MAX,
  parseTyped,
  pictureKind,
  type Result,
  records,
  STATIONS_MAX,
  settingsUnder,
  success,
  utf8,
  withdrawnUnder,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { amendProvisioning } from '../elections/amend.ts';
import { buildProvisioning } from '../elections/build.ts';
import { PICTURE_NAME } from '../elections/definition.ts';
import { type JudgedDraft, judgeDraft } from '../elections/draft.ts';
import {
  readProvisioning,
  readProvisioningFiles,
  writeFileDurably,
  writeProvisioning,
} from '../elections/folder.ts';
import { enrolAuthority } from '../elections/keys.ts';
import { electionTemplate } from '../elections/template.ts';
import { sayIn } from '../web/page.ts';
import type { SignedPackage } from './signed-package.ts';

/** A draft of 4,096 candidates in eight contests. */
export const DRAFT_BYTES_MAX = 16 * 1024 * 1024;
const COOKIE = 'sandoq-author';

export const authorConfigSchema = z.strictObject({
  data_folder: z.string().min(1),
  host: z.enum(['127.0.0.1', '::1', 'localhost']),
  port: z.int().min(0).max(65535),
  /** 64 hexadecimal digits: the first page is opened with it */
  launch_token: z.string().regex(/^[0-9a-f]{64}$/),
  authority_key_file: z.string().min(1),
  intake_public_key: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .transform((text) => new Uint8Array(Buffer.from(text, 'hex'))),
  /** stations' enrolments: ID.cbor unsigned or ID.cose signed */
  stations_folder: z.string().min(1),
});
export type AuthorConfig = z.output<typeof authorConfigSchema>;

const amendBody = z.strictObject({
  package: z.string().min(1).max(120),
  reason: z.strictObject({ fa: z.string().min(1), en: z.string().min(1) }),
  effective_at: z.int().min(0).optional(),
  change: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('candidate_withdrawn'), contest: z.string(), code: z.string() }),
    z.strictObject({ kind: z.literal('hours_changed'), closes_at: z.iso.datetime({ offset: true }) }),
  ]),
});

/** The authoring page, to be served by `createAuthoring`. */
export const authoringPage = (): Promise<ReadonlyMap<string, PageFile>> =>
  bundlePage({
    entry: join(import.meta.dirname, 'page/main.tsx'),
    title: sayIn('fa')('author.title'),
  });

export interface AuthoringOptions {
  readonly config: AuthorConfig;
  readonly page: ReadonlyMap<string, PageFile>;
  /** epoch seconds */
  readonly now: () => number;
}

export interface Authoring {
  /** @returns the address with its token */
  listen(): Promise<string>;
  close(): Promise<void>;
}

/** What is wrong in words for people comes as mistakes; this is for what no form can cause. */
interface Refused {
  readonly code: string;
  readonly at: string;
  readonly wanted: string;
}

class Desk {
  readonly #config: AuthorConfig;
  readonly #now: () => number;
  constructor(config: AuthorConfig, now: () => number) {
    this.#config = config;
    this.#now = now;
    mkdirSync(this.#pictures, { recursive: true });
  }
  get #pictures(): string {
    return join(this.#config.data_folder, 'pictures');
  }
  get #draftPath(): string {
    return join(this.#config.data_folder, 'draft.json');
  }
  get packagesFolder(): string {
    return join(this.#config.data_folder, 'packages');
  }

  draft(): unknown {
    return existsSync(this.#draftPath)
      ? (JSON.parse(readFileSync(this.#draftPath, 'utf8')) as unknown)
      : electionTemplate();
  }
  saveDraft(draft: unknown): void {
    writeFileDurably(this.#draftPath, utf8(`${JSON.stringify(draft, null, 2)}\n`));
  }

  pictures(): ReadonlyMap<string, Bytes> {
    const names = readdirSync(this.#pictures).filter((name) => PICTURE_NAME.test(name));
    return new Map(
      names.sort().map((name) => [name, new Uint8Array(readFileSync(join(this.#pictures, name)))]),
    );
  }
  picture(name: string): Bytes | undefined {
    const path = join(this.#pictures, name);
    return PICTURE_NAME.test(name) && existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined;
  }
  savePicture(name: string, bytes: Bytes): void {
    writeFileDurably(join(this.#pictures, name), bytes);
  }
  removePicture(name: string): void {
    if (PICTURE_NAME.test(name)) rmSync(join(this.#pictures, name), { force: true });
  }

  stations(): readonly records.Station[] {
    const folder = this.#config.stations_folder;
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder)
      .filter((name) => /\.(cbor|cose)$/.test(name))
      .slice(0, STATIONS_MAX);
    return names.sort().flatMap((name) => {
      const bytes = new Uint8Array(readFileSync(join(folder, name)));
      if (name.endsWith('.cose')) {
        const record = parseTyped(bytes, 'station', records.stationShape);
        return record.ok ? [record.value.value] : [];
      }
      const plain = decode(records.stationShape, bytes);
      return plain.ok ? [plain.value] : [];
    });
  }

  judge(definition: unknown): JudgedDraft {
    return judgeDraft({ definition, pictures: this.pictures(), stations: this.stations() }, this.#now());
  }

  signed(): readonly string[] {
    return existsSync(this.packagesFolder) ? readdirSync(this.packagesFolder).sort() : [];
  }

  /** Signs the draft as it stands on the disk. */
  sign(): Result<string, JudgedDraft | Refused> {
    const judged = this.judge(this.draft());
    const { definition } = judged;
    if (definition === undefined || judged.mistakes.length > 0) return failure(judged);
    const name = `${definition.id}-${definition.version}`;
    const folder = join(this.packagesFolder, name);
    if (existsSync(join(folder, 'package.cose')))
      return failure({ code: 'package_signed_already', at: name, wanted: 'another version' });
    const { secretKey } = enrolAuthority(this.#config.authority_key_file);
    const built = buildProvisioning({
      definition,
      authoritySecretKey: secretKey,
      intakePublicKey: this.#config.intake_public_key,
      stations: this.stations(),
      pictures: this.pictures(),
    });
    secretKey.fill(0);
    if (!built.ok) return built;
    writeProvisioning(folder, built.value);
    return success(name);
  }

  /** What of a signed package can be amended. */
  held(name: string): Result<SignedPackage, Refused> {
    if (!this.signed().includes(name))
      return failure({ code: 'package_unknown', at: name, wanted: 'a signed package' });
    const { secretKey, publicKey } = enrolAuthority(this.#config.authority_key_file);
    secretKey.fill(0);
    const held = readProvisioning(join(this.packagesFolder, name), publicKey);
    if (!held.ok) return held;
    const { package: signed, candidateLists, amendments } = held.value;
    return success({
      package: name,
      amendments: amendments.length,
      closes_at: new Date(settingsUnder(held.value, amendments).closesAt * 1000).toISOString(),
      contests: signed.contests.map(({ id, title }, contest) => ({
        id,
        title,
        candidates: (candidateLists[contest]?.candidates ?? []).map(({ code, name: called }, candidate) => ({
          code,
          name: called,
          withdrawn: withdrawnUnder(amendments, contest).has(candidate),
        })),
      })),
    });
  }

  amend({
    package: name,
    reason,
    effective_at,
    change,
  }: z.output<typeof amendBody>): Result<number, Refused> {
    if (!this.signed().includes(name))
      return failure({ code: 'package_unknown', at: name, wanted: 'a signed package' });
    const folder = join(this.packagesFolder, name);
    const { secretKey, publicKey } = enrolAuthority(this.#config.authority_key_file);
    const held = readProvisioning(folder, publicKey);
    const files = readProvisioningFiles(folder);
    if (!held.ok) return held;
    if (!files.ok) return files;
    const { contests, settings } = held.value.package;
    let made: records.AmendmentChange;
    if (change.kind === 'hours_changed') {
      const closesAt = Math.floor(Date.parse(change.closes_at) / 1000);
      made = { kind: 'hours_changed', closesAt, openMinutesMin: settings.openMinutesMin };
    } else {
      const contest = contests.findIndex(({ id }) => id === change.contest);
      const candidate =
        held.value.candidateLists[contest]?.candidates.findIndex(({ code }) => code === change.code) ?? -1;
      if (candidate < 0)
        return failure({ code: 'candidate_unknown', at: change.code, wanted: 'a candidate of the package' });
      made = { kind: 'candidate_withdrawn', contest, candidate };
    }
    const effectiveAt = effective_at ?? this.#now();
    const amended = amendProvisioning(files.value, secretKey, { change: made, reason, effectiveAt });
    secretKey.fill(0);
    if (!amended.ok) return amended;
    writeProvisioning(folder, amended.value);
    return success(held.value.amendments.length + 1);
  }
}

/** What the page shows beside the draft. */
const told = (desk: Desk, judged: JudgedDraft) => ({
  mistakes: judged.mistakes,
  warnings: judged.warnings,
  capacity: judged.capacity ?? null,
  stations: desk.stations().map(({ id, name, place }) => ({ id, name, county: place.county })),
  pictures: [...desk.pictures().keys()],
  signed: desk.signed(),
  settings: judged.definition?.settings ?? null,
});

const same = (a: string, b: string): boolean => {
  const digest = (text: string): Bytes => nodeCrypto.sha256(utf8(text));
  return timingSafeEqual(digest(a), digest(b));
};

export function createAuthoring({ config, page, now }: AuthoringOptions): Authoring {
  const desk = new Desk(config, now);
  const app: FastifyInstance = Fastify({ bodyLimit: DRAFT_BYTES_MAX, forceCloseConnections: true });
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );

  const holdsCookie = (request: FastifyRequest): boolean =>
    same(
      (request.headers.cookie ?? '').match(new RegExp(`${COOKIE}=([0-9a-f]*)`))?.[1] ?? '',
      config.launch_token,
    );
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(
      'content-security-policy',
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    reply
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff');
    // A name that merely resolves to this machine (DNS rebinding) is not this machine.
    if (!/^(127\.0\.0\.1|localhost|\[::1\]):\d+$/.test(request.headers.host ?? '')) {
      reply.status(403).send({ code: 'forbidden' });
      return;
    }
    const { token } = request.query as { readonly token?: unknown };
    if (request.url.startsWith('/?token=') && typeof token === 'string' && same(token, config.launch_token)) {
      reply.header('set-cookie', `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict`).redirect('/', 303);
      return;
    }
    if (holdsCookie(request)) return done();
    reply.status(403).send({ code: 'forbidden' });
  });
  for (const [path, { type, bytes }] of page)
    app.get(path, (_request, reply) => reply.type(type).send(Buffer.from(bytes)));

  app.get('/api/draft', (_request, reply) => {
    const draft = desk.draft();
    return reply.send({ draft, ...told(desk, desk.judge(draft)) });
  });
  app.put('/api/draft', (request, reply) => {
    desk.saveDraft(request.body);
    return reply.send(told(desk, desk.judge(request.body)));
  });
  const pictureName = (request: FastifyRequest): string => (request.params as { readonly name: string }).name;
  app.get('/pictures/:name', (request, reply) => {
    const bytes = desk.picture(pictureName(request));
    return bytes === undefined
      ? reply.status(404).send({ code: 'not_found' })
      : reply.type(pictureKind(bytes) === 'png' ? 'image/png' : 'image/jpeg').send(Buffer.from(bytes));
  });
  app.put('/api/pictures/:name', (request, reply): FastifyReply => {
    const name = pictureName(request);
    const bytes = request.body;
    if (!PICTURE_NAME.test(name) || !(bytes instanceof Uint8Array))
      return reply.status(400).send({ code: 'picture_name', at: name });
    const kind = pictureKind(bytes);
    if (kind === undefined || !name.endsWith(`.${kind}`))
      return reply.status(422).send({ code: 'picture_type', at: name });
    if (bytes.length > PICTURE_BYTES_MAX) return reply.status(413).send({ code: 'picture_large', at: name });
    desk.savePicture(name, Uint8Array.from(bytes));
    return reply.status(201).send({ name });
  });
  app.delete('/api/pictures/:name', (request, reply) => {
    desk.removePicture(pictureName(request));
    return reply.status(204).send();
  });
  app.post('/api/sign', (_request, reply) => {
    const signed = desk.sign();
    if (signed.ok)
      return reply
        .status(201)
        .send({ package: signed.value, folder: join(desk.packagesFolder, signed.value) });
    return 'mistakes' in signed.fault
      ? reply.status(422).send(told(desk, signed.fault))
      : reply.status(409).send(signed.fault);
  });
  app.get('/api/signed/:name', (request, reply) => {
    const held = desk.held((request.params as { readonly name: string }).name);
    return held.ok ? reply.send(held.value) : reply.status(404).send(held.fault);
  });
  app.post('/api/amend', (request, reply) => {
    const body = amendBody.safeParse(request.body);
    if (!body.success)
      return reply.status(400).send({ code: 'bad_request', at: body.error.issues[0]?.path.join('.') ?? '' });
    const amended = desk.amend(body.data);
    return amended.ok
      ? reply.status(201).send({ amendments: amended.value })
      : reply.status(422).send(amended.fault);
  });
  return {
    listen: async () => {
      const address = await app.listen({ host: config.host, port: config.port });
      return `${address}/?token=${config.launch_token}`;
    },
    close: () => app.close(),
  };
}
