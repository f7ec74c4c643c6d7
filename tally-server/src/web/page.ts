/** The frame of every page: language, direction, title, style; and the page that a refusal makes. */
import { directionOf, type Locale } from '@sandoq/protocol/persian';
import { type TextKey, textOf } from '../texts.ts';
import { assetPath } from './assets.ts';
import { Html, html } from './html.ts';
import { type Refusal, refusalBody } from './refusal.ts';

export interface Frame {
  readonly locale: Locale;
  readonly title: string;
  /** this page in the other language */
  readonly otherLanguageHref: string;
  /** where the title in the header leads */
  readonly homeHref: string;
  readonly rehearsal: boolean;
  /** the path of the events that this page follows, if it is live */
  readonly eventsPath?: string;
}

export type Say = (key: TextKey, values?: Readonly<Record<string, string>>) => string;
export const sayIn =
  (locale: Locale): Say =>
  (key, values) =>
    textOf(locale, key, values);

const languageQuery = (locale: Locale): string => (locale === 'en' ? '?lang=en' : '');

/** A link that keeps the language. */
export const linkIn =
  (locale: Locale) =>
  (path: string): string =>
    `${path}${languageQuery(locale)}`;

/** The same path in the other language. */
export const otherLanguage = (locale: Locale, path: string): string =>
  linkIn(locale === 'fa' ? 'en' : 'fa')(path);

function header(frame: Frame, say: Say): Html {
  const other = frame.locale === 'fa' ? 'en' : 'fa';
  return html`<header class="top">
  <a class="name" href="${frame.homeHref}"><img src="${assetPath('emblem.svg')}" alt="" width="36" height="36"><span>${say('page.site')}</span></a>
  <span class="live" data-live hidden data-on="${say('page.live')}" data-off="${say('page.live_lost')}"></span>
  <a class="language" href="${frame.otherLanguageHref}" lang="${other}" hreflang="${other}">${say('page.other_language')}</a>
</header>
${frame.rehearsal && html`<aside class="rehearsal" aria-label="${say('page.rehearsal')}"><strong>${say('page.rehearsal')}</strong> ${say('page.rehearsal_note')}</aside>`}`;
}

export function page(frame: Frame, body: Html): Html {
  const say = sayIn(frame.locale);
  const live = frame.eventsPath === undefined ? new Html('') : html` data-events="${frame.eventsPath}"`;
  return html`<!doctype html>
<html lang="${frame.locale}" dir="${directionOf(frame.locale)}" translate="no" class="${frame.rehearsal ? 'is-rehearsal' : ''}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="google" content="notranslate">
<title>${frame.rehearsal && `${say('page.rehearsal')} · `}${frame.title}</title>
<link rel="icon" href="${assetPath('emblem.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${assetPath('tokens.css')}">
<link rel="stylesheet" href="${assetPath('results.css')}">
<script type="module" src="${assetPath('live.js')}"></script>
</head>
<body${live}>
${header(frame, say)}
<main>
${body}
</main>
<footer>${say('page.footer')}</footer>
</body>
</html>
`;
}

export function refusalPage(locale: Locale, refusal: Refusal): Html {
  const body = refusalBody(refusal);
  const say = sayIn(locale);
  const message = locale === 'fa' ? body.message_fa : body.message_en;
  return page(
    {
      locale,
      title: say('page.refused_title'),
      otherLanguageHref: otherLanguage(locale, '/'),
      homeHref: linkIn(locale)('/'),
      rehearsal: false,
    },
    html`<section class="panel refused"><h1>${say('page.refused_title')}</h1><p>${message}</p>
<p><a href="${linkIn(locale)('/')}">${say('page.to_results')}</a></p></section>`,
  );
}
