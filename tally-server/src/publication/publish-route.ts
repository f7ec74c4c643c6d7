/** The administrator's word that an election is to be published: the folder that anyone may copy and verify. */
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { isAdministrator } from '../elections/routes.ts';
import type { Intake } from '../intake/intake.ts';
import { sendRefusal } from '../web/app.ts';
import { paramOf } from '../web/request.ts';
import { type Publisher, publish } from './publish.ts';
import type { Publications } from './revisions.ts';

export interface PublishRoute extends Omit<Publisher, 'held' | 'publications'> {
  readonly intake: Pick<Intake, 'held'>;
  readonly publications: Publications;
  readonly administratorToken: string;
}

export function publishRoute(app: FastifyInstance, modules: PublishRoute): void {
  const { elections, intake, publications, administratorToken, dataFolder } = modules;
  /** one publication at a time: a folder has one writer */
  let before: Promise<unknown> = Promise.resolve();
  app.post(
    '/api/elections/:election/publications',
    {
      onRequest: (request, reply, done) => {
        if (isAdministrator(request.headers.authorization, administratorToken)) done();
        else sendRefusal(request, reply, { status: 403, code: 'forbidden' });
      },
    },
    async (request, reply) => {
      const provisioning = elections.get(paramOf(request, 'election'));
      if (provisioning === undefined)
        return sendRefusal(request, reply, { status: 404, code: 'election_unknown', at: 'url' });
      const held = intake.held(provisioning);
      // The folder shows every slip that the bulletin has: until all may be public there is none.
      if (publications.publishable(provisioning, held).length < held.length || held.length === 0)
        return sendRefusal(request, reply, { status: 409, code: 'slip_not_public' });
      const { election } = provisioning;
      const publisher: Publisher = { ...modules, held: (one) => intake.held(one) };
      const made = before.then(() =>
        publish(publisher, provisioning, join(dataFolder, 'publications', election)),
      );
      before = made.catch(() => undefined);
      const { slips, missing, files } = await made;
      return reply.status(201).send({ election, slips, missing, files: Object.keys(files).length });
    },
  );
}
