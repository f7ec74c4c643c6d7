/** Claims over HTTP: a signed request in, a signed answer out, or a line for many of them; and the sums, which name no person, for everyone. */
import { CLAIM_REQUEST_BYTES_MAX } from '@sandoq/protocol';
import type { FastifyInstance } from 'fastify';
import type { Elections } from '../elections/elections.ts';
import { sendRefusal } from '../web/app.ts';
import { paramOf } from '../web/request.ts';
import type { Claims } from './claims.ts';
import { type ClaimsLines, claimsLines } from './lines.ts';

const OCTETS = 'application/octet-stream';
const RECORD_TYPE = 'application/cose; cose-type="cose-sign1"';
/** Stations behind one address, each with a voter a second: a limit on floods, not on a busy day. */
export const CLAIM_REQUESTS_PER_MINUTE_MAX = 120_000;

export async function claimRoutes(
  app: FastifyInstance,
  modules: { readonly elections: Elections; readonly claims: Claims },
): Promise<ClaimsLines> {
  const { elections, claims } = modules;
  const lines = claimsLines({
    claims,
    provisioning: (election) => elections.get(election),
    onFailure: (cause) =>
      app.log.error({ event: 'request_failed', error: cause instanceof Error ? cause.message : 'unknown' }),
  });
  app.server.on('upgrade', lines.open);
  app.addHook('preClose', (done) => {
    lines.close();
    done();
  });
  await app.register(async (scope) => {
    scope.addContentTypeParser(OCTETS, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post(
      '/api/elections/:election/claims',
      {
        bodyLimit: CLAIM_REQUEST_BYTES_MAX,
        // What is answered is a signed record for a program: no page, nothing that a browser's rules could protect.
        helmet: false,
        config: { rateLimit: { max: CLAIM_REQUESTS_PER_MINUTE_MAX, timeWindow: 60_000 } },
      },
      async (request, reply) => {
        const provisioning = elections.get(paramOf(request, 'election'));
        if (provisioning === undefined)
          return sendRefusal(request, reply, { status: 404, code: 'election_unknown', at: 'url' });
        if (!(request.body instanceof Uint8Array))
          return sendRefusal(request, reply, { status: 415, code: 'unsupported_media_type', wanted: OCTETS });
        const answer = await claims.receive(provisioning, Uint8Array.from(request.body));
        if (!answer.ok) return sendRefusal(request, reply, answer.fault);
        return reply.header('cache-control', 'no-store').type(RECORD_TYPE).send(Buffer.from(answer.value));
      },
    );
  });
  // Whoever asks for a line and cannot have one has the POST.
  app.get('/api/elections/:election/claims/line', (request, reply) =>
    sendRefusal(request, reply, { status: 426, code: 'bad_request', at: 'upgrade', wanted: 'websocket' }),
  );
  app.get('/api/elections/:election/claims', (request, reply) => {
    const provisioning = elections.get(paramOf(request, 'election'));
    if (provisioning === undefined)
      return sendRefusal(request, reply, { status: 404, code: 'election_unknown', at: 'url' });
    return reply.header('cache-control', 'no-store').send({
      election: provisioning.election,
      ...claims.sums(provisioning),
    });
  });
  return lines;
}
