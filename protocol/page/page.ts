/** The page: a folder is chosen, read, handed to the worker, and the verdict shown in the reader's language. */
import { formatInteger } from '../src/persian/digits.ts';
import type { Locale } from '../src/persian/locale.ts';
import { type TextKey, textOf } from '../src/verify/texts.ts';
import { plain } from '../src/verify/words.ts';
import type { VerifyAnswer, VerifyRequest } from './messages.ts';

/** The worker's whole program, put in by the build. */
declare const WORKER_SOURCE: string;

const element = <Kind extends HTMLElement>(id: string): Kind => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found as Kind;
};
const folder = element<HTMLInputElement>('folder');
const authority = element<HTMLInputElement>('authority');
const lots = element<HTMLInputElement>('lots');
const start = element<HTMLButtonElement>('start');
const language = element<HTMLButtonElement>('language');
const status = element<HTMLParagraphElement>('status');
const bar = element<HTMLProgressElement>('bar');
const report = element<HTMLElement>('report');
const save = element<HTMLAnchorElement>('save');

let locale: Locale = 'fa';
let shown: Extract<VerifyAnswer, { readonly kind: 'verdict' }> | undefined;
let say: () => string = () => '';
let startedAt = 0;
let isSlow = false;

function render(): void {
  document.documentElement.lang = locale;
  document.documentElement.dir = locale === 'fa' ? 'rtl' : 'ltr';
  for (const one of document.querySelectorAll<HTMLElement>('[data-text]'))
    one.textContent = textOf(locale, one.dataset.text as TextKey);
  document.title = textOf(locale, 'page.title');
  status.textContent = say();
  report.replaceChildren();
  report.hidden = shown === undefined;
  save.hidden = shown === undefined;
  if (shown === undefined) return;
  report.dataset.ok = String(shown.verdict.ok);
  const lines = shown.lines[locale];
  // The verdict is the last line of the words and the first that a reader looks for.
  const heading = document.createElement('h2');
  heading.textContent = `${shown.verdict.ok ? '✓' : '✗'} ${lines.at(-1) ?? ''}`;
  report.append(heading);
  const { missing } = shown;
  if (missing.count > 0) {
    const notice = document.createElement('p');
    notice.className = 'notice';
    notice.textContent = textOf(locale, 'page.not_whole', {
      count: formatInteger(missing.count, locale),
      first: `\u2068${plain(missing.first)}\u2069`,
    });
    report.append(notice);
  }
  for (const line of lines.slice(0, -1)) {
    const paragraph = document.createElement('p');
    paragraph.textContent = line.trimStart();
    if (/^(- | {2})/.test(line)) paragraph.className = 'inner';
    report.append(paragraph);
  }
}

function setStatus(text: () => string): void {
  say = text;
  status.textContent = text();
}

/** The chosen folder's files by their path inside it, in the order of the command: browsers have none of their own. */
const filesOf = (list: Iterable<File>): ReadonlyMap<string, File> =>
  new Map(
    [...list]
      .map((file) => ({ file, path: file.webkitRelativePath.split('/').slice(1).join('/') }))
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ file, path }) => [path, file]),
  );

/** An election is published with both: a folder without them is another one, or the one around it. */
const isPublication = (files: ReadonlyMap<string, File>): boolean =>
  files.has('index.json') || files.has('package/package.cose');

/** Where the chosen folder holds publications and is none itself: their folders. */
const publicationsIn = (files: ReadonlyMap<string, File>): readonly string[] =>
  [...files.keys()].flatMap((path) => /^([^/]+)\/index\.json$/.exec(path)?.[1] ?? []);

function refuse(text: () => string): void {
  start.disabled = false;
  bar.hidden = true;
  setStatus(text);
}

function advance(key: 'page.reading_progress' | 'page.progress', done: number, all: number): void {
  bar.hidden = false;
  bar.max = all;
  bar.value = done;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  setStatus(() => {
    const number = (value: number): string => formatInteger(value, locale);
    const text = textOf(locale, key, { done: number(done), all: number(all), seconds: number(seconds) });
    return isSlow ? `${text} ${textOf(locale, 'page.slow')}` : text;
  });
}

function finished(answer: VerifyAnswer, worker: Worker): void {
  if (answer.kind === 'slow') isSlow = true;
  if (answer.kind === 'reading') advance('page.reading_progress', answer.done, answer.all);
  if (answer.kind === 'progress') advance('page.progress', answer.done, answer.all);
  if (answer.kind === 'slow' || answer.kind === 'reading' || answer.kind === 'progress') return;
  worker.terminate();
  if (answer.kind !== 'verdict') {
    refuse(() => textOf(locale, `page.${answer.kind}`));
    return;
  }
  shown = answer;
  const json = new Blob([`${JSON.stringify(answer.verdict)}\n`], { type: 'application/json' });
  save.href = URL.createObjectURL(json);
  refuse(() => '');
  render();
}

function verifyIn(request: VerifyRequest): void {
  const source = URL.createObjectURL(new Blob([WORKER_SOURCE], { type: 'text/javascript' }));
  const worker = new Worker(source);
  URL.revokeObjectURL(source);
  worker.onmessage = ({ data }: MessageEvent<VerifyAnswer>) => finished(data, worker);
  worker.onerror = () => {
    worker.terminate();
    refuse(() => textOf(locale, 'page.failed'));
  };
  // Files are handed over unread: they go through this thread's memory neither way.
  worker.postMessage(request);
}

function begin(): void {
  shown = undefined;
  isSlow = false;
  startedAt = performance.now();
  render();
  const files = filesOf(folder.files ?? []);
  if (files.size === 0) {
    refuse(() => textOf(locale, 'page.folder_wanted'));
    return;
  }
  if (!isPublication(files)) {
    const [inside] = publicationsIn(files);
    refuse(() =>
      inside === undefined
        ? textOf(locale, 'page.no_publication')
        : textOf(locale, 'page.publication_inside', { folder: `\u2068${plain(inside)}\u2069` }),
    );
    return;
  }
  start.disabled = true;
  setStatus(() => textOf(locale, 'page.reading'));
  verifyIn({
    kind: 'verify',
    files,
    authority: authority.value,
    lots: lots.value,
    source: WORKER_SOURCE,
  });
}

start.addEventListener('click', begin);
language.addEventListener('click', () => {
  locale = locale === 'fa' ? 'en' : 'fa';
  render();
});
render();
