/** Slips over HTTP: a bundle in, a signed receipt out; the bundles that are held, for anyone to check. */
import { BUNDLE_BYTES_MAX, type Provisioning } from '@sandoq/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Elections } from '../elections/elections.ts';
import type { Stations } from '../stations/stations.ts';
import { sendRefusal } from '../web/app.ts';
import { paramOf } from '../web/request.ts';
import type { HeldSlip, Intake } from './intake.ts';

const OCTETS = 'application/octet-stream';
const RECORD_TYPE = 'application/cose; cose-type="cose-sign1"';

export interface IntakeRoutes {
  readonly elections: Elections;
  readonly intake: Intake;
  readonly stations: Stations;
}

export async function intakeRoutes(app: FastifyInstance, modules: IntakeRoutes): Promise<void> {
  const { elections, intake, stations } = modules;
  const electionOf = (request: FastifyRequest): Provisioning | undefined =>
    elections.get(paramOf(request, 'election'));
  const unknown = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    sendRefusal(request, reply, { status: 404, code: 'election_unknown', at: 'url' });

  await app.register(async (scope) => {
    scope.addContentTypeParser(OCTETS, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post('/api/elections/:election/bundles', { bodyLimit: BUNDLE_BYTES_MAX }, (request, reply) => {
      const provisioning = electionOf(request);
      if (provisioning === undefined) return unknown(request, reply);
      if (!(request.body instanceof Uint8Array))
        return sendRefusal(request, reply, { status: 415, code: 'unsupported_media_type', wanted: OCTETS });
      // A plain copy: what is kept and judged is not a view of the connection's buffer.
      const accepted = intake.receive(provisioning, Uint8Array.from(request.body));
      if (!accepted.ok) {
        const { code, at } = accepted.fault;
        request.log.warn({ event: 'slip_refused', election: provisioning.election, code, at });
        return sendRefusal(request, reply, accepted.fault);
      }
      const { receipt, repeated } = accepted.value;
      request.log.info({ event: repeated ? 'slip_repeated' : 'slip_taken', election: provisioning.election });
      return reply
        .status(repeated ? 200 : 201)
        .type(RECORD_TYPE)
        .send(Buffer.from(receipt));
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

  app.get('/api/elections/:election/slips/:station/bundle', (request, reply) =>
    withHeld(request, reply, (held) => attach(reply, OCTETS, `${held.station}.bundle`, held.bundle)),
  );
  app.get('/api/elections/:election/slips/:station/receipt', (request, reply) =>
    withHeld(request, reply, (held) =>
      attach(reply, RECORD_TYPE, `${held.station}.receipt.cose`, held.receipt),
    ),
  );
}
