/** Officials' pages: behind sign-in, over every slip that is held, published or not. */
import type { Provisioning } from '@sandoq/protocol';
import type { Locale } from '@sandoq/protocol/persian';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Elections } from '../elections/elections.ts';
import type { HeldSlip } from '../intake/held.ts';
import type { Intake } from '../intake/intake.ts';
import type { Paper } from '../paper/paper.ts';
import { paperRoutes } from '../paper/routes.ts';
import type { PublicationRules } from '../publication/release.ts';
import type { Publications } from '../publication/revisions.ts';
import { readingRoutes } from '../reading/routes.ts';
import { reconcileSlips } from '../reconciliation/slips.ts';
import {
  type Audience,
  contextFor,
  electionNamed,
  electionPages,
  sendPage,
} from '../results/election-pages.ts';
import type { Events } from '../results/events.ts';
import { resultsPage } from '../results/results-page.ts';
import { type ResultsView, resultsView } from '../results/view.ts';
import { wordsIn } from '../results/words.ts';
import type { Stations } from '../stations/stations.ts';
import { hintsOf } from '../totals/hints.ts';
import { standings, sumsByPlace } from '../totals/totals.ts';
import { sendRefusal } from '../web/app.ts';
import { type Html, html } from '../web/html.ts';
import { otherLanguage, page, sayIn } from '../web/page.ts';
import { localeOf } from '../web/request.ts';
import { overviewSections } from './overview.ts';
import {
  type OfficialSession,
  type OfficialSessions,
  SESSION_COOKIE,
  SESSION_SECONDS_MAX,
} from './sessions.ts';

/** A sign-in, or one station's paper count of the longest candidate list. */
export const FORM_BYTES_MAX = 256 * 1024;
const FORM_TYPE = 'application/x-www-form-urlencoded';

export interface OfficialsRoutes {
  readonly elections: Elections;
  readonly intake: Pick<Intake, 'held' | 'heldOf'>;
  readonly stations: Stations;
  readonly publications: Publications;
  readonly rules: PublicationRules;
  readonly sessions: OfficialSessions;
  readonly events: Events;
  readonly paper: Paper;
  /** changes with everything that is held */
  readonly state: (provisioning: Provisioning) => string;
}

/**
 * Another site cannot send the cookie (SameSite=Strict); a form must come from our own pages besides. The pages send no
 * referrer, so browsers say `Origin: null` and tell the truth in Sec-Fetch-Site.
 */
function isOwnForm({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  if (headers.origin === undefined) return true; // no browser
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host;
}

function signInPage(request: FastifyRequest, refused: boolean): Html {
  const locale = localeOf(request);
  const say = sayIn(locale);
  return page(
    {
      locale,
      title: say('official.sign_in'),
      otherLanguageHref: otherLanguage(locale, '/officials/sign-in'),
      homeHref: '/',
      rehearsal: false,
    },
    html`<section class="panel sign-in"><h1>${say('official.sign_in')}</h1><p class="quiet">${say('official.sign_in_note')}</p>
${refused && html`<p class="refused" role="alert">${say('official.sign_in_refused')}</p>`}
<form method="post" action="/officials/sign-in${locale === 'en' ? '?lang=en' : ''}"><label>${say('official.token')} <input type="password" name="token" required autocomplete="current-password" dir="ltr"></label><button type="submit">${say('official.enter')}</button></form></section>`,
  );
}

/** The page's own bar: who is signed in, and the way out. */
const bar = (request: FastifyRequest, { role }: OfficialSession): Html => {
  const say = sayIn(localeOf(request));
  return html`<form class="official-bar" method="post" action="/officials/sign-out"><span>${say('official.signed_in', { role: say(`official.role_${role}`) })}</span> <button type="submit">${say('official.sign_out')}</button></form>`;
};

/** What officials see above the results: every slip that is held, of the whole election or of one of its places. */
function overviewOf(
  { stations, rules, paper }: Pick<OfficialsRoutes, 'stations' | 'rules' | 'paper'>,
  { provisioning, scope, stations: inPlace }: ResultsView,
  held: readonly HeldSlip[],
  locale: Locale,
): Html {
  const all = scope.province === undefined ? inPlace : standings(provisioning, held);
  const inScope = new Set(inPlace.map(({ station }) => station.id));
  const hints = hintsOf(provisioning.package, all);
  return overviewSections(wordsIn(locale, provisioning.package.settings.utcOffsetMinutes), {
    provisioning,
    rules,
    standings: inPlace,
    lastSeen: (station) => stations.lastSeen(provisioning.election, station),
    reconciliation: reconcileSlips(provisioning.package, inPlace, sumsByPlace(provisioning.package, inPlace)),
    // "Usual" is what is usual in the whole election; named are the stations of this place.
    hints: { ...hints, stations: hints.stations.filter(({ station }) => inScope.has(station.id)) },
    paperWaiting: paper.open(provisioning.election).filter(({ station }) => inScope.has(station)),
  });
}

export async function officialsRoutes(root: FastifyInstance, modules: OfficialsRoutes): Promise<void> {
  const { elections, intake, stations, sessions, events, paper } = modules;
  await root.register(async (app) => {
    app.addContentTypeParser(
      FORM_TYPE,
      { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
      (_request, body, done) => done(null, new URLSearchParams(body as string)),
    );
    const toSignIn = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
      reply.redirect(`/officials/sign-in${localeOf(request) === 'en' ? '?lang=en' : ''}`, 303);

    app.addHook('preHandler', (request, reply, done) => {
      if (request.method === 'POST' && !isOwnForm(request)) {
        sendRefusal(request, reply, { status: 403, code: 'forbidden' });
        return;
      }
      if (request.routeOptions.url === '/officials/sign-in' || sessions.of(request) !== undefined)
        return done();
      if (request.method === 'GET' && !(request.routeOptions.url ?? '').endsWith('/events'))
        toSignIn(request, reply);
      else sendRefusal(request, reply, { status: 403, code: 'forbidden' });
    });

    app.get('/officials/sign-in', (request, reply) => sendPage(reply, signInPage(request, false)));
    app.post('/officials/sign-in', (request, reply) => {
      const token = request.body instanceof URLSearchParams ? (request.body.get('token') ?? '') : '';
      const cookie = sessions.signIn(token.trim());
      if (cookie === undefined) {
        request.log.warn({ event: 'sign_in_refused' });
        return sendPage(reply.status(403), signInPage(request, true));
      }
      return reply
        .header(
          'set-cookie',
          `${SESSION_COOKIE}=${cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_SECONDS_MAX}`,
        )
        .redirect(`/officials${localeOf(request) === 'en' ? '?lang=en' : ''}`, 303);
    });
    app.post('/officials/sign-out', (request, reply) => {
      sessions.signOut(request);
      return reply
        .header('set-cookie', `${SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`)
        .redirect('/officials/sign-in', 303);
    });

    const audience: Audience = {
      elections,
      intake,
      stations,
      events,
      prefix: '/officials',
      eventsPath: (election) => `/officials/${election}/events`,
      eventsOf: officialEvents,
      shown: (provisioning) => ({
        state: modules.state(provisioning),
        revision: modules.publications.current(provisioning).snapshot.revision,
      }),
      state: modules.state,
      results: (request, provisioning, scope) => {
        const held = intake.held(provisioning);
        const view = resultsView(provisioning, held, scope);
        const sections = overviewOf(modules, view, held, localeOf(request));
        const session = sessions.of(request) as OfficialSession;
        return resultsPage(contextOf(request, provisioning), view, html`${bar(request, session)}${sections}`);
      },
    };
    const contextOf = contextFor(audience);

    app.get('/officials', (request, reply) => {
      const all = elections.list();
      const query = localeOf(request) === 'en' ? '?lang=en' : '';
      const [only] = all;
      if (all.length === 1 && only !== undefined)
        return reply.redirect(`/officials/${only.election}${query}`, 303);
      const locale = localeOf(request);
      const words = wordsIn(locale, 0);
      const items = all.map(
        (one) =>
          html`<li><a href="${words.link(`/officials/${one.election}`)}">${words.name(one.package.title)}</a></li>`,
      );
      return sendPage(
        reply,
        page(
          {
            locale,
            title: words.say('official.title'),
            otherLanguageHref: otherLanguage(locale, '/officials'),
            homeHref: '/officials',
            rehearsal: false,
          },
          html`${bar(request, sessions.of(request) as OfficialSession)}<section class="panel"><h1>${words.say('official.title')}</h1>${all.length === 0 ? html`<p>${words.say('page.no_election')}</p>` : html`<ul class="elections">${items}</ul>`}</section>`,
        ),
      );
    });
    electionPages(app, audience);
    const withElection = electionNamed(elections);
    readingRoutes(app, { withElection, contextOf });
    paperRoutes(app, { withElection, intake, paper, sessions, contextOf });
  });
}

/** Officials' pages follow everything that is held; everyone's follow what is published. */
export const officialEvents = (election: string): string => `officials ${election}`;
