/** The published results as files over HTTP, all of the revision that the page shows. */
import type { Provisioning } from '@sandoq/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Elections } from '../elections/elections.ts';
import type { Intake } from '../intake/intake.ts';
import { sendRefusal } from '../web/app.ts';
import { paramOf } from '../web/request.ts';
import { resultsJsonSchema } from './results.ts';
import type { Publications, PublishedRevision } from './revisions.ts';

/** The intake as everyone may see it: slips that the law of publication lets through. */
export function publicView(
  intake: Pick<Intake, 'held' | 'heldOf'>,
  publications: Publications,
): Pick<Intake, 'held' | 'heldOf'> {
  return {
    held: (provisioning) => publications.publishable(provisioning, intake.held(provisioning)),
    heldOf: (provisioning, station) => {
      const slip = intake.heldOf(provisioning, station);
      return slip === undefined ? undefined : publications.publishable(provisioning, [slip])[0];
    },
  };
}

/**
 * One door for every address of a slip: what may not be public yet is answered as not here, whatever its form.
 * Taking a slip in and its receipt are not touched by this.
 */
export function keepUnpublished(
  app: FastifyInstance,
  { elections, intake, publications }: PublicationRoutes & { readonly intake: Pick<Intake, 'heldOf'> },
): void {
  app.addHook('preHandler', (request, reply, done) => {
    const url = request.routeOptions.url ?? '';
    const provisioning = url.includes('/slips/:station')
      ? elections.get(paramOf(request, 'election'))
      : undefined;
    const held = provisioning && intake.heldOf(provisioning, paramOf(request, 'station'));
    if (provisioning === undefined || held === undefined) return done();
    if (url.startsWith('/officials/') || publications.publishable(provisioning, [held]).length === 1)
      return done();
    sendRefusal(request, reply, { status: 404, code: 'slip_not_public', at: 'url' });
  });
}

export interface PublicationRoutes {
  readonly elections: Elections;
  readonly publications: Publications;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const FILES = {
  'results.json': { type: JSON_TYPE, text: ({ json }: PublishedRevision) => json },
  'results.csv': { type: 'text/csv; charset=utf-8', text: ({ csv }: PublishedRevision) => csv },
  'results.nist.json': { type: JSON_TYPE, text: ({ nist }: PublishedRevision) => nist },
  'cross-tables.json': {
    type: JSON_TYPE,
    text: ({ crossTables }: PublishedRevision) => `${JSON.stringify(crossTables, null, 1)}\n`,
  },
} as const;

export function publicationRoutes(
  app: FastifyInstance,
  { elections, publications }: PublicationRoutes,
): void {
  const withElection = (
    request: FastifyRequest,
    reply: FastifyReply,
    make: (provisioning: Provisioning) => FastifyReply,
  ): FastifyReply => {
    const provisioning = elections.get(paramOf(request, 'election'));
    if (provisioning === undefined)
      return sendRefusal(request, reply, { status: 404, code: 'election_unknown', at: 'url' });
    reply.header('cache-control', 'no-store');
    return make(provisioning);
  };
  for (const [name, { type, text }] of Object.entries(FILES))
    app.get(`/api/elections/:election/${name}`, (request, reply) =>
      withElection(request, reply, (provisioning) => {
        const published = publications.current(provisioning);
        return reply
          .type(type)
          .header('x-revision', String(published.snapshot.revision.number))
          .header('content-disposition', `attachment; filename="${provisioning.election}-${name}"`)
          .send(text(published));
      }),
    );
  app.get('/api/elections/:election/revisions', (request, reply) =>
    withElection(request, reply, (provisioning) => {
      publications.current(provisioning);
      return reply.send({
        election: provisioning.election,
        revisions: publications.revisions(provisioning.election),
      });
    }),
  );
  const schema = resultsJsonSchema();
  app.get('/schemas/results-1.json', (_request, reply) =>
    reply.type('application/schema+json; charset=utf-8').send(JSON.stringify(schema, null, 1)),
  );
}
