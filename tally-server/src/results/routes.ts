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
import { createEvents } from './events.ts';
import { revisionsPage, tablesPage } from './publication-pages.ts';
import { electionsPage, type PageContext, resultsPage } from './results-page.ts';
import { slipPage } from './slip-page.ts';
import { resultsView } from './view.ts';

export interface ResultsRoutes {
  readonly elections: Elections;
  /** of what may be public */
  readonly intake: Pick<Intake, 'held' | 'heldOf'>;
  readonly stations: Stations;
  readonly publications: Publications;
}

/** @returns announces that an election has changed, to every page that follows it */
export function resultsRoutes(app: FastifyInstance, modules: ResultsRoutes): (election: string) => void {
  const { elections, intake, stations, publications } = modules;
  const events = createEvents(app);

  const send = (reply: FastifyReply, body: Html): FastifyReply =>
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(body.text);
  const context = (request: FastifyRequest, provisioning: Provisioning): PageContext => {
    const { state, snapshot } = publications.current(provisioning);
    return {
      locale: localeOf(request),
      path: request.url.split('?', 1)[0] ?? '/',
      state,
      revision: snapshot.revision,
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
  PLACE_LEVELS.forEach((_, i) => {
    const levels = PLACE_LEVELS.slice(0, i + 1);
    app.get(`/elections/:election/places/${levels.map((level) => `:${level}`).join('/')}`, (request, reply) =>
      withElection(request, reply, (provisioning) => {
        const scope = scopeOfPath(levels.map((level) => paramOf(request, level)));
        return isPlace(provisioning, scope)
          ? results(request, reply, provisioning, scope)
          : sendRefusal(request, reply, { status: 404, code: 'place_unknown', at: 'url' });
      }),
    );
  });
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
