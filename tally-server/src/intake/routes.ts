/** Slips over HTTP: a bundle in, a signed receipt out; the bundles that are held, for anyone to check. */
import type { Readable } from 'node:stream';
import {
  BUNDLE_BYTES_MAX,
  type Bytes,
  CORRECTION_BYTES_MAX,
  fromUtf8,
  type Provisioning,
  type Result,
  ROLES_MAX,
  SMALL_RECORD_BYTES_MAX,
  toHex,
} from '@sandoq/protocol';
import { errorCodes, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Bulletin } from '../bulletin/log.ts';
import type { Elections } from '../elections/elections.ts';
import type { Stations } from '../stations/stations.ts';
import { BODY_BYTES_DEFAULT_MAX, sendRefusal } from '../web/app.ts';
import type { Refusal } from '../web/refusal.ts';
import { paramOf } from '../web/request.ts';
import { BATCH_BYTES_MAX, batchAnswers, batchParts, CBOR_SEQUENCE } from './batch.ts';
import { createBodyBuffers } from './body-buffers.ts';
import type { HeldSlip } from './held.ts';
import type { Accepted, Intake } from './intake.ts';
import type { StoredBundle } from './store.ts';

const OCTETS = 'application/octet-stream';
/** A correction carries one slip, and each board's word. */
const CORRECTION_BODY_BYTES_MAX = CORRECTION_BYTES_MAX + ROLES_MAX * SMALL_RECORD_BYTES_MAX;
const RECORD_TYPE = 'application/cose; cose-type="cose-sign1"';

export interface IntakeRoutes {
  readonly elections: Elections;
  readonly intake: Intake;
  readonly bulletin: Bulletin;
  readonly stations: Stations;
}

export async function intakeRoutes(app: FastifyInstance, modules: IntakeRoutes): Promise<void> {
  const { elections, intake, bulletin, stations } = modules;
  const electionOf = (request: FastifyRequest): Provisioning | undefined =>
    elections.get(paramOf(request, 'election'));
  const unknown = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    sendRefusal(request, reply, { status: 404, code: 'election_unknown', at: 'url' });

  await app.register(async (scope) => {
    scope.addContentTypeParser(OCTETS, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    const buffers = createBodyBuffers();
    scope.addContentTypeParser(CBOR_SEQUENCE, async (request: FastifyRequest, payload: Readable) => {
      const length = request.headers['content-length'];
      const bytesMax = request.routeOptions.bodyLimit ?? BODY_BYTES_DEFAULT_MAX;
      const body = await buffers.read(payload, length === undefined ? undefined : Number(length), bytesMax);
      if (body === 'too_large') throw new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE();
      if (body === 'no_memory') throw Object.assign(new Error('no memory for a body'), { statusCode: 503 });
      if (body === 'cut_off') throw new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH();
      return body;
    });
    const isOf = (request: FastifyRequest, type: string): boolean =>
      request.body instanceof Uint8Array &&
      request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() === type;
    const post = (
      path: string,
      bodyLimit: number,
      take: (provisioning: Provisioning, bytes: Bytes) => Promise<Result<Accepted, Refusal>>,
    ): void => {
      scope.post(path, { bodyLimit }, async (request, reply) => {
        const provisioning = electionOf(request);
        if (provisioning === undefined) return unknown(request, reply);
        if (!isOf(request, OCTETS))
          return sendRefusal(request, reply, { status: 415, code: 'unsupported_media_type', wanted: OCTETS });
        // A plain copy: what is kept and judged is not a view of the connection's buffer.
        const accepted = await take(provisioning, new Uint8Array(request.body as Uint8Array));
        const { election } = provisioning;
        if (!accepted.ok) {
          const { code, at } = accepted.fault;
          request.log.warn({ event: 'slip_refused', election, code, at });
          return sendRefusal(request, reply, accepted.fault);
        }
        const { receipt, repeated } = accepted.value;
        request.log.info({ event: repeated ? 'slip_repeated' : 'slip_taken', election });
        return reply
          .status(repeated ? 200 : 201)
          .type(RECORD_TYPE)
          .send(Buffer.from(receipt));
      });
    };
    post('/api/elections/:election/bundles', BUNDLE_BYTES_MAX, (provisioning, bytes) =>
      intake.receive(provisioning, bytes),
    );
    post('/api/elections/:election/corrections', CORRECTION_BODY_BYTES_MAX, (provisioning, bytes) =>
      intake.receiveCorrection(provisioning, bytes),
    );
    scope.post('/api/elections/:election/batches', { bodyLimit: BATCH_BYTES_MAX }, async (request, reply) => {
      const provisioning = electionOf(request);
      if (provisioning === undefined) return unknown(request, reply);
      if (!isOf(request, CBOR_SEQUENCE))
        return sendRefusal(request, reply, {
          status: 415,
          code: 'unsupported_media_type',
          wanted: CBOR_SEQUENCE,
        });
      const body = request.body as Bytes;
      const parts = batchParts(body);
      if (!parts.ok) {
        buffers.give(body.buffer);
        return sendRefusal(request, reply, parts.fault);
      }
      const answers = await intake.receiveAll(provisioning, body, parts.value, buffers.give);
      const { election } = provisioning;
      const taken = answers.filter((answer) => answer.ok && !answer.value.repeated).length;
      const refused = answers.filter((answer) => !answer.ok).length;
      request.log.info({ event: 'batch_answered', election, slips: answers.length, taken, refused });
      return reply.type(CBOR_SEQUENCE).send(Buffer.from(batchAnswers(answers)));
    });
  });

  const withHeld = (
    request: FastifyRequest,
    reply: FastifyReply,
    send: (held: HeldSlip, provisioning: Provisioning) => FastifyReply,
  ): FastifyReply => {
    const provisioning = electionOf(request);
    if (provisioning === undefined) return unknown(request, reply);
    const station = paramOf(request, 'station');
    const held = intake.heldOf(provisioning, station);
    if (held === undefined)
      return sendRefusal(request, reply, {
        status: 404,
        code: stations.isExpected(provisioning, station) ? 'slip_not_here' : 'station_unknown',
        at: 'url',
      });
    return send(held, provisioning);
  };
  const attach = (reply: FastifyReply, type: string, name: string, bytes: Uint8Array): FastifyReply =>
    reply.type(type).header('content-disposition', `attachment; filename="${name}"`).send(Buffer.from(bytes));

  /** `?version=N`; the version that stands where none is asked for. Every version stays public. */
  const withVersion = (
    request: FastifyRequest,
    reply: FastifyReply,
    send: (name: string, one: StoredBundle) => FastifyReply,
  ): FastifyReply =>
    withHeld(request, reply, (held, provisioning) => {
      const { version } = request.query as Readonly<Record<string, unknown>>;
      const one =
        version === undefined ? held : held.versions.find((other) => String(other.version) === version);
      const stored = one === undefined ? undefined : intake.stored(provisioning, held.station, one.version);
      if (stored === undefined)
        return sendRefusal(request, reply, { status: 404, code: 'not_found', at: 'version' });
      return send(stored.version === 1 ? held.station : `${held.station}.${stored.version}`, stored);
    });
  app.get('/api/elections/:election/slips/:station/bundle', (request, reply) =>
    withVersion(request, reply, (name, { bundle }) => attach(reply, OCTETS, `${name}.bundle`, bundle)),
  );
  app.get('/api/elections/:election/slips/:station/receipt', (request, reply) =>
    withVersion(request, reply, (name, { receipt }) =>
      attach(reply, RECORD_TYPE, `${name}.receipt.cose`, receipt),
    ),
  );
  // The receipt's other half: that it stands in the log which everyone sees.
  app.get('/api/elections/:election/slips/:station/inclusion', (request, reply) =>
    withVersion(request, reply, (_name, { station, version }) => {
      const { election } = electionOf(request) as Provisioning;
      const found = bulletin.inclusion(election, station, version);
      if (found === undefined)
        return sendRefusal(request, reply, { status: 404, code: 'slip_not_here', at: 'url' });
      return reply.header('cache-control', 'no-store').send({
        election,
        station,
        version,
        position: found.position,
        size: found.size,
        entry: toHex(found.entry),
        proof: found.proof.map(toHex),
        checkpoint: fromUtf8(found.checkpoint),
      });
    }),
  );
}
