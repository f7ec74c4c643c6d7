/** The screens of the paper fallback: one form for each of the two, blind to the other's, and what is left to sign. */
import type { Provisioning, records, StationId } from '@sandoq/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Intake } from '../intake/intake.ts';
import type { OfficialSessions } from '../officials/sessions.ts';
import { type ContextOf, sendPage, type WithElection } from '../results/election-pages.ts';
import { type Words, wordsIn } from '../results/words.ts';
import { sendRefusal } from '../web/app.ts';
import { type Html, html } from '../web/html.ts';
import { otherLanguage, page } from '../web/page.ts';
import { paramOf } from '../web/request.ts';
import { isTaken, PAPER_ROLES, type Paper, type PaperRole, type PaperState, paperOrder } from './paper.ts';
import { evidenceText, type FieldFault, fieldName, readPaperForm } from './paper-count.ts';

export interface PaperRoutes {
  readonly withElection: WithElection;
  readonly intake: Pick<Intake, 'heldOf'>;
  readonly paper: Paper;
  readonly sessions: OfficialSessions;
  readonly contextOf: ContextOf;
}

interface Screen {
  readonly words: Words;
  readonly provisioning: Provisioning;
  readonly station: records.Station;
  readonly state: PaperState;
  readonly role: PaperRole | undefined;
  readonly faults: readonly FieldFault[];
  readonly given: URLSearchParams;
}

function field({ words, faults, given, state }: Screen, name: string, label: Html | string): Html {
  const fault = faults.find((one) => one.field === name);
  const differs = state.state === 'differ' && state.fields.includes(name);
  const id = `f-${name}`;
  const numeric = name === 'minutes' ? 'text' : 'numeric';
  return html`<div class="field${fault !== undefined || differs ? ' wrong' : ''}"><label for="${id}">${label}</label><input id="${id}" name="${name}" inputmode="${numeric}" autocomplete="off" required value="${given.get(name) ?? ''}"${fault !== undefined && html` aria-invalid="true" aria-describedby="${id}-fault"`}>${fault !== undefined && html`<small id="${id}-fault" role="alert">${words.say(`paper.fault_${fault.code}`)}</small>`}${differs && html`<small>${words.say('paper.field_differs')}</small>`}</div>`;
}

function form(screen: Screen): Html {
  const { words, provisioning } = screen;
  const contests = provisioning.package.contests.map(
    (contest, i) => html`<fieldset><legend>${words.name(contest.title)}</legend>
${(['valid', 'blank', 'invalid'] as const).map((what) => field(screen, fieldName(i, what), words.say(`count.${what}`)))}
${(provisioning.candidateLists[i]?.candidates ?? []).map(({ code, name }, k) => field(screen, fieldName(i, k), html`<span class="code">${words.code(code)}</span> ${words.name(name)}`))}</fieldset>`,
  );
  return html`<form method="post" class="paper" novalidate>${field(screen, 'minutes', words.say('paper.minutes'))}${field(screen, 'papers', words.say('paper.papers'))}${contests}<button type="submit">${words.say('paper.enter')}</button></form>`;
}

function standing(
  screen: Screen,
  base: string,
  ready: 'order' | 'taken' | 'no_slip' | 'does_not_fit' | undefined,
): Html {
  const { words, state } = screen;
  const said =
    state.state === 'waiting'
      ? words.say('paper.waiting', { role: words.term('role', state.entered) })
      : words.say(`paper.${state.state}`);
  return html`<section class="panel" id="standing"><h2>${words.say('paper.standing')}</h2><p>${said}</p>${ready !== undefined && html`<p>${words.say(`paper.${ready}`)}</p>`}${ready === 'order' && html`<ul class="downloads"><li><a href="${base}/order">${words.say('paper.download_order')}</a></li><li><a href="${base}/evidence">${words.say('paper.download_evidence')}</a></li></ul>`}</section>`;
}

export function paperRoutes(app: FastifyInstance, routes: PaperRoutes): void {
  const { withElection, intake, paper, sessions, contextOf } = routes;
  const withStation = (
    request: FastifyRequest,
    reply: FastifyReply,
    make: (provisioning: Provisioning, station: records.Station) => FastifyReply,
  ): FastifyReply =>
    withElection(request, reply, (provisioning) => {
      const station = provisioning.stations.get(paramOf(request, 'station') as StationId);
      return station === undefined
        ? sendRefusal(request, reply, { status: 404, code: 'station_unknown', at: 'url' })
        : make(provisioning, station);
    });
  const roleOf = (request: FastifyRequest): PaperRole | undefined => {
    const role = sessions.of(request)?.role;
    return PAPER_ROLES.find((one) => one === role);
  };
  const readiness = (provisioning: Provisioning, station: string, state: PaperState) => {
    if (state.state !== 'agreed') return undefined;
    const held = intake.heldOf(provisioning, station);
    if (held === undefined) return 'no_slip';
    if (isTaken(held, provisioning.election, state.count)) return 'taken';
    return paperOrder(provisioning, held, state.count) === undefined ? 'does_not_fit' : 'order';
  };
  const show = (
    request: FastifyRequest,
    reply: FastifyReply,
    provisioning: Provisioning,
    station: records.Station,
    faults: readonly FieldFault[],
    given: URLSearchParams,
  ): FastifyReply => {
    const context = contextOf(request, provisioning);
    const words = wordsIn(context.locale, provisioning.package.settings.utcOffsetMinutes);
    const state = paper.stateOf(provisioning.election, station.id);
    const role = roleOf(request);
    const screen = { words, provisioning, station, state, role, faults, given };
    const root = `/officials/${provisioning.election}`;
    const base = `${root}/paper/${station.id}`;
    const ready = readiness(provisioning, station.id, state);
    const body = html`<nav class="crumbs"><a href="${words.link(root)}">${words.name(provisioning.package.title)}</a> ‹ <bdi>${words.name(station.name)}</bdi></nav>
<div class="head"><h1>${words.say('paper.title', { station: words.name(station.name) })}</h1><p class="quiet">${words.say('paper.note')}</p></div>
${standing(screen, base, ready)}
<section class="panel">${role === undefined ? html`<p>${words.say('paper.only_boards')}</p>` : html`<h2>${words.say('paper.your_entry', { role: words.term('role', role) })}</h2>${faults.length > 0 && html`<p class="refused" role="alert">${words.say('paper.wrong')}</p>`}${form(screen)}`}</section>`;
    return sendPage(
      reply,
      page(
        {
          locale: context.locale,
          title: words.say('paper.title', { station: words.name(station.name) }),
          otherLanguageHref: otherLanguage(context.locale, context.path),
          homeHref: words.link(root),
          rehearsal: provisioning.package.demonstration,
        },
        body,
      ),
    );
  };

  const path = '/officials/:election/paper/:station';
  app.get(path, (request, reply) =>
    withStation(request, reply, (provisioning, station) =>
      show(request, reply, provisioning, station, [], new URLSearchParams()),
    ),
  );
  app.post(path, (request, reply) =>
    withStation(request, reply, (provisioning, station) => {
      const role = roleOf(request);
      if (role === undefined || !(request.body instanceof URLSearchParams))
        return sendRefusal(request, reply, { status: 403, code: 'forbidden' });
      const count = readPaperForm(provisioning, station.id, request.body);
      if (!count.ok)
        return show(request, reply.status(422), provisioning, station, count.fault, request.body);
      paper.enter(provisioning.election, role, count.value);
      request.log.info({ event: 'paper_entered', election: provisioning.election, role });
      return reply.redirect(request.url, 303);
    }),
  );
  app.get(`${path}/order`, (request, reply) =>
    withStation(request, reply, (provisioning, station) => {
      const state = paper.stateOf(provisioning.election, station.id);
      const order =
        state.state === 'agreed'
          ? paperOrder(provisioning, intake.heldOf(provisioning, station.id), state.count)
          : undefined;
      return order === undefined
        ? sendRefusal(request, reply, { status: 404, code: 'not_found', at: 'url' })
        : reply
            .header('content-disposition', `attachment; filename="${station.id}.paper-order.json"`)
            .send(order);
    }),
  );
  app.get(`${path}/evidence`, (request, reply) =>
    withStation(request, reply, (provisioning, station) => {
      const state = paper.stateOf(provisioning.election, station.id);
      return state.state !== 'agreed'
        ? sendRefusal(request, reply, { status: 404, code: 'not_found', at: 'url' })
        : reply
            .type('application/json; charset=utf-8')
            .header('content-disposition', `attachment; filename="${station.id}.paper-minutes.json"`)
            .send(evidenceText(provisioning.election, state.count));
    }),
  );
}
