/**
 * What everyone and the officials can both look up of one election: its results down to a place or a number, a station's
 * slip, and the events that keep these pages live. The addresses and the answers are the same; what may be seen is not,
 * and is handed in with the audience: nothing here reaches a slip by another way.
 */
import type { Provisioning } from '@sandoq/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Elections } from '../elections/elections.ts';
import type { Intake } from '../intake/intake.ts';
import type { Stations } from '../stations/stations.ts';
import { isPlace, PLACE_LEVELS, type Scope, scopeOfPath } from '../totals/totals.ts';
import { sendRefusal } from '../web/app.ts';
import type { Html } from '../web/html.ts';
import { localeOf, paramOf } from '../web/request.ts';
import { drillPage, measureOf } from './drill-page.ts';
import type { Events } from './events.ts';
import type { PageContext } from './results-page.ts';
import { slipPage } from './slip-page.ts';
import { resultsView } from './view.ts';

export interface Audience {
  readonly elections: Elections;
  /** of what this audience may see: everyone what is published, officials all that is held */
  readonly intake: Pick<Intake, 'held' | 'heldOf'>;
  readonly stations: Pick<Stations, 'isExpected'>;
  readonly events: Pick<Events, 'follow'>;
  readonly prefix: PageContext['prefix'];
  /** the address of an election's events; with `:election` it is their route */
  readonly eventsPath: (election: string) => string;
  /** the name under which this audience's events are announced */
  readonly eventsOf: (election: string) => string;
  /** what the live events compare, and the publication that a page shows */
  readonly shown: (provisioning: Provisioning) => Pick<PageContext, 'state' | 'revision'>;
  /** the state that `shown` would have, without making a publication */
  readonly state: (provisioning: Provisioning) => string;
  /** the results of the whole election or of one of its places */
  readonly results: (request: FastifyRequest, provisioning: Provisioning, scope: Scope) => Html;
}

type Answer = (provisioning: Provisioning) => FastifyReply;

export const sendPage = (reply: FastifyReply, body: Html): FastifyReply =>
  reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(body.text);

/** Answers for the election that the address names; one that is unknown is refused. */
export type WithElection = (request: FastifyRequest, reply: FastifyReply, make: Answer) => FastifyReply;
export const electionNamed =
  (elections: Pick<Elections, 'get'>): WithElection =>
  (request, reply, make) => {
    const provisioning = elections.get(paramOf(request, 'election'));
    return provisioning === undefined
      ? sendRefusal(request, reply, { status: 404, code: 'election_unknown', at: 'url' })
      : make(provisioning);
  };

export type ContextOf = (request: FastifyRequest, provisioning: Provisioning) => PageContext;
export const contextFor =
  ({ prefix, eventsPath, shown }: Pick<Audience, 'prefix' | 'eventsPath' | 'shown'>): ContextOf =>
  (request, provisioning) => ({
    locale: localeOf(request),
    path: request.url.split('?', 1)[0] ?? '/',
    ...shown(provisioning),
    prefix,
    eventsPath: eventsPath(provisioning.election),
  });

/**
 * The addresses of places and of numbers at places: `/places/P/C/…` and `/numbers/OF/LINE[/P/C/…]`.
 * @param answer with the measure for a number, without it for a place
 */
function drillRoutes(
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

export function electionPages(app: FastifyInstance, audience: Audience): void {
  const { elections, intake, stations, events, prefix, eventsPath, eventsOf, state, results } = audience;
  const withElection = electionNamed(elections);
  const contextOf = contextFor(audience);

  app.get(`${prefix}/:election`, (request, reply) =>
    withElection(request, reply, (provisioning) => sendPage(reply, results(request, provisioning, {}))),
  );
  drillRoutes(app, prefix, (request, reply, scope, measure) =>
    withElection(request, reply, (provisioning) => {
      if (!isPlace(provisioning, scope))
        return sendRefusal(request, reply, { status: 404, code: 'place_unknown', at: 'url' });
      if (measure === undefined) return sendPage(reply, results(request, provisioning, scope));
      const found = measureOf(provisioning, ...measure);
      if (found === undefined)
        return sendRefusal(request, reply, { status: 404, code: 'not_found', at: 'url' });
      const context = contextOf(request, provisioning);
      const view = resultsView(provisioning, intake.held(provisioning), scope);
      return sendPage(reply, drillPage(context, view, found));
    }),
  );
  app.get(`${prefix}/:election/slips/:station`, (request, reply) =>
    withElection(request, reply, (provisioning) => {
      const station = paramOf(request, 'station');
      const held = intake.heldOf(provisioning, station);
      if (held !== undefined)
        return sendPage(reply, slipPage(contextOf(request, provisioning), provisioning, held));
      const code = stations.isExpected(provisioning, station) ? 'slip_not_here' : 'station_unknown';
      return sendRefusal(request, reply, { status: 404, code, at: 'url' });
    }),
  );
  app.get(eventsPath(':election'), (request, reply) =>
    withElection(request, reply, (provisioning) => {
      if (!events.follow(eventsOf(provisioning.election), state(provisioning), reply.raw))
        return sendRefusal(request, reply, { status: 503, code: 'too_many_listeners' });
      return reply.hijack();
    }),
  );
}
