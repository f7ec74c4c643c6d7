/** The bulletin as it stands on the disk, for whoever follows it: C2SP tlog-tiles under one address. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Elections } from '../elections/elections.ts';
import { sendRefusal } from '../web/app.ts';
import { paramOf } from '../web/request.ts';
import type { Bulletin } from './log.ts';

const CHECKPOINT = /^checkpoint$/;
const TILE = /^tile\/(?:[0-3]|entries)\/(?:x[0-9]{3}\/){0,3}[0-9]{3}(?:\.p\/[0-9]{1,3})?$/;

export function bulletinRoutes(
  app: FastifyInstance,
  { elections, bulletin }: { readonly elections: Elections; readonly bulletin: Bulletin },
): void {
  app.get('/api/elections/:election/bulletin/*', (request, reply) => {
    const provisioning = elections.get(paramOf(request, 'election'));
    if (provisioning === undefined)
      return sendRefusal(request, reply, { status: 404, code: 'election_unknown', at: 'url' });
    const path = paramOf(request, '*');
    const isTile = TILE.test(path);
    if (!isTile && !CHECKPOINT.test(path))
      return sendRefusal(request, reply, { status: 404, code: 'not_found', at: 'url' });
    if (!isTile) bulletin.flush(provisioning.election);
    const file = join(bulletin.folderOf(provisioning.election), path);
    if (!existsSync(file)) return sendRefusal(request, reply, { status: 404, code: 'not_found', at: 'url' });
    // A tile never changes: whoever asked once need not ask again.
    return reply
      .type(isTile ? 'application/octet-stream' : 'text/plain; charset=utf-8')
      .header('cache-control', isTile ? 'public, max-age=31536000, immutable' : 'no-store')
      .send(readFileSync(file));
  });
}
