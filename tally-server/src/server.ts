/** The province's process, put together: one database, the modules over it, and HTTP in front. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Provisioning, setKeyCheck, setMerkleHash } from '@sandoq/protocol';
import { nodeCrypto, nodeKeyCheck } from '@sandoq/protocol/node';
import { BULLETIN_MIGRATIONS, createBulletin } from './bulletin/log.ts';
import { bulletinRoutes } from './bulletin/routes.ts';
import { type Claims, createClaims } from './claims/claims.ts';
import type { ClaimsLines } from './claims/lines.ts';
import { claimRoutes } from './claims/routes.ts';
import { openClaimStore } from './claims/store.ts';
import type { ServerConfig } from './contract/config.ts';
import { openDatabase } from './database/database.ts';
import { type Elections, openElections } from './elections/elections.ts';
import { intakeKeyPath, keyInFile } from './elections/keys.ts';
import { electionRoutes } from './elections/routes.ts';
import { createIntake, type Intake } from './intake/intake.ts';
import { createJudges } from './intake/judges.ts';
import { intakeRoutes } from './intake/routes.ts';
import { INTAKE_MIGRATIONS, intakeStore } from './intake/store.ts';
import { officialEvents, officialsRoutes } from './officials/routes.ts';
import { createSessions, type OfficialRole, tokenInFile } from './officials/sessions.ts';
import { createPaper, PAPER_MIGRATIONS } from './paper/paper.ts';
import { isPacked, keepStationPacks } from './publication/packs.ts';
import { bulletinFolder, databasePath } from './publication/publication.ts';
import { createWriter } from './publication/publish.ts';
import { publishRoute } from './publication/publish-route.ts';
import { PUBLICATION_RULES_DEFAULT, type PublicationRules } from './publication/release.ts';
import { createPublications, PUBLICATION_MIGRATIONS } from './publication/revisions.ts';
import { keepUnpublished, publicationRoutes, publicView } from './publication/routes.ts';
import { createEvents } from './results/events.ts';
import { resultsRoutes } from './results/routes.ts';
import { createStations, STATIONS_MIGRATIONS } from './stations/stations.ts';
import { totalsRoutes } from './totals/routes.ts';
import { createApp } from './web/app.ts';

export interface ProvinceOptions {
  readonly config: ServerConfig;
  /** epoch seconds */
  readonly now: () => number;
  /** JSON lines; none where it is left out */
  readonly logStream?: NodeJS.WritableStream;
}

export interface Province {
  readonly elections: Elections;
  readonly intake: Intake;
  readonly claims: Claims;
  /** @returns the address, for example `http://127.0.0.1:7100` */
  listen(): Promise<string>;
  close(): Promise<void>;
}

/** Each role's token, made at the first start and readable by the server's own user only. */
const officialTokens = (dataFolder: string): Readonly<Record<OfficialRole, string>> => ({
  administrator: tokenInFile(dataFolder, 'administrator'),
  executive_board: tokenInFile(dataFolder, 'executive_board'),
  supervisory_board: tokenInFile(dataFolder, 'supervisory_board'),
});

/** On the night slips come by the hundred a second: pages are told at once, and then no oftener than this. */
const ANNOUNCE_EVERY_MS = 250;

function spaced(work: (election: string) => void, everyMs: number) {
  const resting = new Map<string, { again: boolean; readonly timer: NodeJS.Timeout }>();
  const call = (election: string): void => {
    const rest = resting.get(election);
    if (rest !== undefined) {
      rest.again = true;
      return;
    }
    work(election);
    const timer = setTimeout(() => {
      const again = resting.get(election)?.again === true;
      resting.delete(election);
      if (again) call(election);
    }, everyMs).unref();
    resting.set(election, { again: false, timer });
  };
  const stop = (): void => {
    for (const { timer } of resting.values()) clearTimeout(timer);
    resting.clear();
  };
  return { call, stop };
}

/** @throws Error where a folder of the configuration is refused or held data is damaged, saying which and why */
async function loadElections(elections: Elections, intake: Intake, config: ServerConfig): Promise<void> {
  for (const folder of config.package_folders) {
    const loaded = elections.loadFolder(folder);
    if (!loaded.ok) {
      const { code, at, wanted } = loaded.fault;
      throw new Error(`provisioning folder ${folder} is refused: ${code} at ${at}, wanted ${wanted}`);
    }
  }
  // Every held slip is judged anew before the first question is answered.
  for (const provisioning of elections.list()) await intake.load(provisioning);
}

export async function createProvince({ config, now, logStream }: ProvinceOptions): Promise<Province> {
  // The same verdict at a thirtieth of the cost: a nation's stations have half a million keys.
  setKeyCheck(nodeKeyCheck);
  setMerkleHash(nodeCrypto.sha256);
  mkdirSync(config.data_folder, { recursive: true });
  const intakeKey = keyInFile(intakeKeyPath(config.data_folder));
  const database = openDatabase(databasePath(config.data_folder), [
    INTAKE_MIGRATIONS,
    STATIONS_MIGRATIONS,
    PUBLICATION_MIGRATIONS,
    PAPER_MIGRATIONS,
    BULLETIN_MIGRATIONS,
  ]);
  const stations = createStations(database);
  const { secretKey } = intakeKey;
  const bulletin = createBulletin({ database, folder: bulletinFolder(config.data_folder), secretKey });
  const store = intakeStore(database);
  let lines: ClaimsLines | undefined;
  const app = await createApp({
    requestsPerMinuteMax: config.requests_per_minute_max,
    logStream,
    mayUpgrade: (request) => lines?.mayOpen(request) === true,
  });
  const intake = createIntake({
    store,
    bulletin,
    judges: createJudges({ secretKey }),
    crypto: nodeCrypto,
    secretKey,
    now,
    onStoring: (versions) => {
      for (const { election, station, at } of versions) stations.seen(election, station, at);
    },
    onFailure: (reason) => app.log.error({ event: 'slips_not_stored', reason }),
  });
  const writer = createWriter();
  const elections = openElections({
    dataFolder: config.data_folder,
    authorityKey: config.authority_public_key,
    intakeKey: intakeKey.publicKey,
    onKept: (folder, provisioning) => {
      if (!isPacked(provisioning.stations.size)) return;
      // Before the night, not in it.
      keepStationPacks(folder, provisioning.stations.keys());
      writer.start();
    },
  });
  await loadElections(elections, intake, config);

  app.get('/healthz', () => ({ ok: true, elections: elections.list().length }));
  const rules: PublicationRules =
    config.publication === undefined
      ? PUBLICATION_RULES_DEFAULT
      : {
          rolesRequired: config.publication.roles_required,
          smallCellMin: config.publication.small_cell_min,
        };
  const publications = createPublications({
    database,
    rules,
    held: (provisioning) => intake.held(provisioning),
    now,
  });
  const published = publicView(intake, publications);
  keepUnpublished(app, { elections, intake, publications });
  const events = createEvents(app);
  const announcePublic = resultsRoutes(app, {
    elections,
    intake: published,
    stations,
    publications,
    events,
  });
  const officialState = (provisioning: Provisioning): string =>
    `${intake.count(provisioning.election)}-${provisioning.amendments.length}`;
  await officialsRoutes(app, {
    elections,
    intake,
    stations,
    publications,
    rules,
    sessions: createSessions(officialTokens(config.data_folder), now),
    events,
    paper: createPaper(database, now),
    state: officialState,
  });
  const announce = (election: string): void => {
    announcePublic(election);
    const provisioning = elections.get(election);
    if (provisioning !== undefined) events.announce(officialEvents(election), officialState(provisioning));
  };
  totalsRoutes(app, { elections, intake: published, stations });
  publicationRoutes(app, { elections, publications });
  await intakeRoutes(app, { elections, intake, bulletin, stations });
  bulletinRoutes(app, { elections, bulletin });
  const seenAt = new Map<string, number>();
  const claims = createClaims({
    store: openClaimStore(join(config.data_folder, 'claims.sqlite')),
    crypto: nodeCrypto,
    secretKey: intakeKey.secretKey,
    now,
    onSeen: ({ election }, station, bucket) => {
      const key = `${election}/${station}`;
      if (seenAt.get(key) === bucket) return;
      seenAt.set(key, bucket);
      stations.seen(election, station, bucket);
    },
  });
  lines = await claimRoutes(app, { elections, claims });
  const token = tokenInFile(config.data_folder, 'administrator');
  publishRoute(app, {
    writer,
    dataFolder: config.data_folder,
    elections,
    bulletin,
    intake,
    publications,
    administratorToken: token,
  });
  await electionRoutes(app, {
    elections,
    administratorToken: token,
    onLoaded: async (provisioning) => {
      await intake.load(provisioning);
      announce(provisioning.election);
    },
  });
  const announceSoon = spaced(announce, ANNOUNCE_EVERY_MS);
  intake.onAccepted((versions) => {
    for (const election of new Set(versions.map((one) => one.election))) announceSoon.call(election);
  });
  app.addHook('onClose', async () => {
    announceSoon.stop();
    await intake.close();
    await writer.close();
    claims.close();
    database.close();
  });
  return {
    elections,
    intake,
    claims,
    listen: () => app.listen({ host: config.host, port: config.port }),
    close: () => app.close(),
  };
}
