/** The page: a folder is chosen, read, handed to the worker, and the verdict shown in the reader's language. */
import { formatInteger } from '../src/persian/digits.ts';
import type { Locale } from '../src/persian/locale.ts';
import { type TextKey, textOf } from '../src/verify/texts.ts';
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
const report = element<HTMLElement>('report');
const save = element<HTMLAnchorElement>('save');

let locale: Locale = 'fa';
let shown: Extract<VerifyAnswer, { readonly kind: 'verdict' }> | undefined;
let say: () => string = () => '';

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

const FILES_AT_ONCE = 256;

/** The chosen folder's files by their path inside it. */
async function filesOf(list: FileList): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const read = async (file: File): Promise<void> => {
    const path = file.webkitRelativePath.split('/').slice(1).join('/');
    files.set(path, new Uint8Array(await file.arrayBuffer()));
  };
  // A nation has two hundred thousand small files: one after another they would take longer than their checking.
  for (let at = 0; at < list.length; at += FILES_AT_ONCE)
    await Promise.all(
      [...Array(Math.min(FILES_AT_ONCE, list.length - at)).keys()].map((i) => read(list[at + i] as File)),
    );
  return files;
}

function finished(answer: VerifyAnswer, worker: Worker): void {
  if (answer.kind === 'progress') {
    const done = formatInteger(answer.done, locale);
    setStatus(() => textOf(locale, 'page.progress', { done, all: formatInteger(answer.all, locale) }));
    return;
  }
  worker.terminate();
  start.disabled = false;
  if (answer.kind === 'key_malformed') {
    setStatus(() => textOf(locale, 'page.key_malformed'));
    return;
  }
  shown = answer;
  const json = new Blob([`${JSON.stringify(answer.verdict)}\n`], { type: 'application/json' });
  save.href = URL.createObjectURL(json);
  setStatus(() => '');
  render();
}

function verifyIn(request: VerifyRequest): void {
  const source = URL.createObjectURL(new Blob([WORKER_SOURCE], { type: 'text/javascript' }));
  const worker = new Worker(source);
  URL.revokeObjectURL(source);
  worker.onmessage = ({ data }: MessageEvent<VerifyAnswer>) => finished(data, worker);
  worker.onerror = () => {
    worker.terminate();
    start.disabled = false;
    setStatus(() => textOf(locale, 'page.failed'));
  };
  worker.postMessage(
    request,
    [...request.files.values()].map(({ buffer }) => buffer as ArrayBuffer),
  );
}

async function begin(): Promise<void> {
  shown = undefined;
  render();
  const list = folder.files;
  if (list === null || list.length === 0) {
    setStatus(() => textOf(locale, 'page.folder_wanted'));
    return;
  }
  start.disabled = true;
  setStatus(() => textOf(locale, 'page.reading'));
  try {
    verifyIn({
      kind: 'verify',
      files: await filesOf(list),
      authority: authority.value,
      lots: lots.value,
      source: WORKER_SOURCE,
    });
  } catch {
    // A file that changed since it was chosen is not given out by the browser.
    start.disabled = false;
    setStatus(() => textOf(locale, 'page.unreadable'));
  }
}

start.addEventListener('click', () => void begin());
language.addEventListener('click', () => {
  locale = locale === 'fa' ? 'en' : 'fa';
  render();
});
render();
