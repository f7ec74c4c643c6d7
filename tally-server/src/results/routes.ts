/** The pages for everyone, and the events that keep them live. */
import type { FastifyInstance } from 'fastify';
import type { Elections } from '../elections/elections.ts';
import type { Intake } from '../intake/intake.ts';
import { totalsCsv } from '../publication/csv.ts';
import type { Publications } from '../publication/revisions.ts';
import type { Stations } from '../stations/stations.ts';
import { localeOf } from '../web/request.ts';
import { type Audience, contextFor, electionNamed, electionPages, sendPage } from './election-pages.ts';
import type { Events } from './events.ts';
import { revisionsPage, tablesPage } from './publication-pages.ts';
import { electionsPage, resultsPage } from './results-page.ts';
import { resultsView } from './view.ts';

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

  const withElection = electionNamed(elections);
  const audience: Audience = {
    elections,
    intake,
    stations,
    events,
    prefix: '/elections',
    eventsPath: (election) => `/api/elections/${election}/events`,
    eventsOf: (election) => election,
    shown: (provisioning) => {
      const { state, snapshot } = publications.current(provisioning);
      return { state, revision: snapshot.revision };
    },
    state: publications.state,
    results: (request, provisioning, scope) =>
      resultsPage(
        contextOf(request, provisioning),
        resultsView(provisioning, intake.held(provisioning), scope),
      ),
  };
  const contextOf = contextFor(audience);

  app.get('/', (request, reply) => {
    const all = elections.list();
    const only = all.length === 1 ? all[0] : undefined;
    return only === undefined
      ? sendPage(reply, electionsPage(localeOf(request), all))
      : sendPage(reply, audience.results(request, only, {}));
  });
  electionPages(app, audience);
  app.get('/elections/:election/revisions', (request, reply) =>
    withElection(request, reply, (provisioning) =>
      sendPage(
        reply,
        revisionsPage(
          contextOf(request, provisioning),
          provisioning,
          publications.revisions(provisioning.election),
        ),
      ),
    ),
  );
  app.get('/elections/:election/tables', (request, reply) =>
    withElection(request, reply, (provisioning) =>
      sendPage(
        reply,
        tablesPage(
          contextOf(request, provisioning),
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
        .send(Buffer.from(totalsCsv(provisioning, intake.held(provisioning)))),
    ),
  );
  return (election) => {
    const provisioning = elections.get(election);
    if (provisioning !== undefined && events.isFollowed(election))
      events.announce(election, publications.state(provisioning));
  };
}
