/** Totals, stations and slips as JSON. Every answer is made from the slips at the moment of the question. */
import type { Provisioning } from '@sandoq/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Elections } from '../elections/elections.ts';
import type { Intake } from '../intake/intake.ts';
import type { Stations } from '../stations/stations.ts';
import { sendRefusal } from '../web/app.ts';
import { paramOf } from '../web/request.ts';
import { type StationsJson, slipJson, stationsJson, totalsJson } from './json.ts';
import { isPlace, PLACE_LEVELS, type Scope } from './totals.ts';

export interface TotalsRoutes {
  readonly elections: Elections;
  /** of what may be public */
  readonly intake: Pick<Intake, 'held' | 'heldOf'>;
  readonly stations: Stations;
}

/** `?province=…&county=…&constituency=…&district=…`; @returns undefined where a value is given twice */
function scopeOf(request: FastifyRequest): Scope | undefined {
  const query = request.query as Readonly<Record<string, unknown>>;
  const given = PLACE_LEVELS.filter((level) => query[level] !== undefined);
  if (given.some((level) => typeof query[level] !== 'string')) return undefined;
  return Object.fromEntries(given.map((level) => [level, query[level] as string]));
}

export function totalsRoutes(app: FastifyInstance, { elections, intake, stations }: TotalsRoutes): void {
  const answer = (
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

  app.get('/api/elections/:election/totals', (request, reply) =>
    answer(request, reply, (provisioning) => {
      const scope = scopeOf(request);
      if (scope === undefined)
        return sendRefusal(request, reply, { status: 400, code: 'bad_request', at: 'url' });
      if (!isPlace(provisioning, scope))
        return sendRefusal(request, reply, { status: 404, code: 'place_unknown', at: 'url' });
      return reply.send(totalsJson(provisioning, intake.held(provisioning), scope));
    }),
  );

  app.get('/api/elections/:election/stations', (request, reply) =>
    answer(request, reply, (provisioning) => {
      const json: StationsJson = stationsJson(provisioning, intake.held(provisioning));
      return reply.send({
        ...json,
        stations: json.stations.map((one) => ({
          ...one,
          last_seen: stations.lastSeen(provisioning.election, one.station) ?? null,
        })),
      });
    }),
  );

  app.get('/api/elections/:election/slips/:station', (request, reply) =>
    answer(request, reply, (provisioning) => {
      const station = paramOf(request, 'station');
      const held = intake.heldOf(provisioning, station);
      if (held !== undefined) return reply.send(slipJson(provisioning, held));
      const code = stations.isExpected(provisioning, station) ? 'slip_not_here' : 'station_unknown';
      return sendRefusal(request, reply, { status: 404, code, at: 'url' });
    }),
  );
}
