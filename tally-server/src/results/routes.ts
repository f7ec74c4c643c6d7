/** The pages for everyone, and the events that keep them live. */
import type { Provisioning } from '@sandoq/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Elections } from '../elections/elections.ts';
import type { Intake } from '../intake/intake.ts';
import { totalsCsv } from '../publication/csv.ts';
import type { Publications } from '../publication/revisions.ts';
import type { Stations } from '../stations/stations.ts';
import { isPlace, PLACE_LEVELS, type Scope, scopeOfPath } from '../totals/totals.ts';
import { sendRefusal } from '../web/app.ts';
import type { Html } from '../web/html.ts';
import { localeOf, paramOf } from '../web/request.ts';
import { drillPage, measureOf } from './drill-page.ts';
import type { Events } from './events.ts';
import { revisionsPage, tablesPage } from './publication-pages.ts';
import { electionsPage, type PageContext, resultsPage } from './results-page.ts';
import { slipPage } from './slip-page.ts';
import { resultsView } from './view.ts';

/**
 * The addresses of places and of numbers at places: `/places/P/C/…` and `/numbers/OF/LINE[/P/C/…]`.
 * @param answer with the measure for a number, without it for a place
 */
export function drillRoutes(
  app: FastifyInstance,
  prefix: PageContext['prefix'],
  answer: (
    request: FastifyRequest,
    reply: FastifyReply,
    scope: Scope,
    measure: readonly [string, string] | undefined,
  ) => FastifyReply,
): void {
  for (let depth = 0; depth <= PLACE_LEVELS.length; depth++) {
    const levels = PLACE_LEVELS.slice(0, depth);
    const tail = levels.map((level) => `/:${level}`).join('');
    const scopeAt = (request: FastifyRequest): Scope =>
      scopeOfPath(levels.map((level) => paramOf(request, level)));
    if (depth > 0)
      app.get(`${prefix}/:election/places${tail}`, (request, reply) =>
        answer(request, reply, scopeAt(request), undefined),
      );
    app.get(`${prefix}/:election/numbers/:of/:line${tail}`, (request, reply) =>
      answer(request, reply, scopeAt(request), [paramOf(request, 'of'), paramOf(request, 'line')]),
    );
  }
}

export interface ResultsRoutes {
  readonly elections: Elections;
  /** of what may be public */
  readonly intake: Pick<Intake, 'held' | 'heldOf'>;
  readonly stations: Stations;
  readonly publications: Publications;
  readonly events: Events;
}

/** @returns announces that an election has changed, to every page that follows it */
export function resultsRoutes(app: FastifyInstance, modules: ResultsRoutes): (election: string) => void {
  const { elections, intake, stations, publications, events } = modules;

  const send = (reply: FastifyReply, body: Html): FastifyReply =>
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(body.text);
  const context = (request: FastifyRequest, provisioning: Provisioning): PageContext => {
    const { state, snapshot } = publications.current(provisioning);
    return {
      locale: localeOf(request),
      path: request.url.split('?', 1)[0] ?? '/',
      state,
      revision: snapshot.revision,
      prefix: '/elections',
      eventsPath: `/api/elections/${provisioning.election}/events`,
    };
  };
  const withElection = (
    request: FastifyRequest,
    reply: FastifyReply,
    make: (provisioning: Provisioning) => FastifyReply,
  ): FastifyReply => {
    const provisioning = elections.get(paramOf(request, 'election'));
    return provisioning === undefined
      ? sendRefusal(request, reply, { status: 404, code: 'election_unknown', at: 'url' })
      : make(provisioning);
  };
  const results = (request: FastifyRequest, reply: FastifyReply, provisioning: Provisioning, scope: Scope) =>
    send(
      reply,
      resultsPage(
        context(request, provisioning),
        resultsView(provisioning, intake.held(provisioning), scope),
      ),
    );

  app.get('/', (request, reply) => {
    const all = elections.list();
    const only = all.length === 1 ? all[0] : undefined;
    return only === undefined
      ? send(reply, electionsPage(localeOf(request), all))
      : results(request, reply, only, {});
  });
  app.get('/elections/:election', (request, reply) =>
    withElection(request, reply, (provisioning) => results(request, reply, provisioning, {})),
  );
  drillRoutes(app, '/elections', (request, reply, scope, measure) =>
    withElection(request, reply, (provisioning) => {
      if (!isPlace(provisioning, scope))
        return sendRefusal(request, reply, { status: 404, code: 'place_unknown', at: 'url' });
      if (measure === undefined) return results(request, reply, provisioning, scope);
      const found = measureOf(provisioning, ...measure);
      return found === undefined
        ? sendRefusal(request, reply, { status: 404, code: 'not_found', at: 'url' })
        : send(
            reply,
            drillPage(
              context(request, provisioning),
              resultsView(provisioning, intake.held(provisioning), scope),
              found,
            ),
          );
    }),
  );
  app.get('/elections/:election/slips/:station', (request, reply) =>
    withElection(request, reply, (provisioning) => {
      const station = paramOf(request, 'station');
      const held = intake.heldOf(provisioning, station);
      if (held !== undefined)
        return send(reply, slipPage(context(request, provisioning), provisioning, held));
      const code = stations.isExpected(provisioning, station) ? 'slip_not_here' : 'station_unknown';
      return sendRefusal(request, reply, { status: 404, code, at: 'url' });
    }),
  );
  app.get('/elections/:election/revisions', (request, reply) =>
    withElection(request, reply, (provisioning) =>
      send(
        reply,
        revisionsPage(
          context(request, provisioning),
          provisioning,
          publications.revisions(provisioning.election),
        ),
      ),
    ),
  );
  app.get('/elections/:election/tables', (request, reply) =>
    withElection(request, reply, (provisioning) =>
      send(
        reply,
        tablesPage(
          context(request, provisioning),
          provisioning,
          publications.current(provisioning).crossTables,
        ),
      ),
    ),
  );
  app.get('/api/elections/:election/totals.csv', (request, reply) =>
    withElection(request, reply, (provisioning) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('content-disposition', `attachment; filename="${provisioning.election}-totals.csv"`)
        .send(totalsCsv(provisioning, intake.held(provisioning))),
    ),
  );
  app.get('/api/elections/:election/events', (request, reply) =>
    withElection(request, reply, (provisioning) => {
      const state = publications.state(provisioning);
      if (!events.follow(provisioning.election, state, reply.raw))
        return sendRefusal(request, reply, { status: 503, code: 'too_many_listeners' });
      return reply.hijack();
    }),
  );
  return (election) => {
    const provisioning = elections.get(election);
    if (provisioning !== undefined && events.isFollowed(election))
      events.announce(election, publications.state(provisioning));
  };
}
