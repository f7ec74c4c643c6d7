/**
 * The officials' page that reads slips from paper: pictures that are dropped or chosen, or the camera. What comes together
 * goes through the same door as over the line, and its receipt is shown.
 */
import { parseTyped, records, referenceCrypto } from '@sandoq/protocol';
import { formatInstant, formatInteger, joinList, type Locale } from '@sandoq/protocol/persian';
import { createGathering, type GatheredSlip } from '../gather.ts';
import type { ReadingData } from '../routes.ts';
import { codesOfFile, codesOfVideo, prepareDecoder } from './decoder.ts';

/** Pictures of one drop. More are dropped again: nothing is read twice. */
const FILES_MAX = 200;
/** Lines of what became of each picture; the oldest go. */
const LINES_MAX = 60;
const CAMERA_PAUSE_MS = 120;

const root = document.querySelector<HTMLElement>('[data-reading]') as HTMLElement;
const data = JSON.parse(root.dataset['reading'] ?? '{}') as ReadingData;
const locale: Locale = data.locale;
const gathering = createGathering(referenceCrypto);

type Standing =
  | { readonly kind: 'sending' | 'unreachable' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'taken' | 'repeated'; readonly receipt: records.Receipt };
const standings = new Map<string, Standing>();

const number = (value: number): string => formatInteger(value, locale);
const say = (key: keyof ReadingData['texts'], values: Readonly<Record<string, string>> = {}): string =>
  data.texts[key].replace(/\{([a-z_]+)\}/g, (whole, name: string) => values[name] ?? whole);
const numbers = (list: readonly number[]): string => joinList(list.map(number), locale);
const find = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;

function line(text: string, className: string): HTMLLIElement {
  const item = document.createElement('li');
  item.textContent = text;
  item.className = className;
  return item;
}

function note(text: string, className: string): void {
  const list = find('pictures');
  list.prepend(line(text, className));
  while (list.children.length > LINES_MAX) list.lastElementChild?.remove();
}

function sentenceOf(slip: GatheredSlip): { readonly text: string; readonly className: string } {
  const standing = standings.get(slip.digest);
  switch (standing?.kind) {
    case 'sending':
      return { text: say('sending'), className: '' };
    case 'unreachable':
      return { text: say('unreachable'), className: 'bad' };
    case 'refused':
      return { text: say('refused', { message: standing.message }), className: 'bad' };
    case 'taken':
    case 'repeated': {
      const { stationId, receivedAt } = standing.receipt;
      const at = formatInstant(receivedAt * 1000, data.utcOffsetMinutes, locale);
      return { text: say(standing.kind, { station: `\u2068${stationId}\u2069`, at }), className: 'good' };
    }
  }
  if (slip.isSpoiled) return { text: say('spoiled'), className: 'bad' };
  const read = number(slip.of - slip.missing.length);
  const text = say('missing', { read, of: number(slip.of), missing: numbers(slip.missing) });
  if (slip.differing.length === 0) return { text, className: '' };
  return { text: `${text} ${say('differing', { numbers: numbers(slip.differing) })}`, className: 'bad' };
}

function slipItem(slip: GatheredSlip): HTMLLIElement {
  const { text, className } = sentenceOf(slip);
  const item = document.createElement('li');
  item.className = `slip ${className}`;
  item.dataset['digest'] = slip.digest;
  const head = document.createElement('p');
  head.className = 'quiet';
  head.textContent = say('slip', { digest: `\u2066${slip.digest}\u2069` });
  const meter = document.createElement('progress');
  meter.max = slip.of;
  meter.value = slip.of - slip.missing.length;
  meter.setAttribute('aria-label', head.textContent);
  const sentence = document.createElement('p');
  sentence.textContent = text;
  item.append(head, meter, sentence);
  const standing = standings.get(slip.digest);
  if (standing?.kind === 'taken' || standing?.kind === 'repeated') {
    const link = document.createElement('a');
    link.href = `${data.slipsPath}/${standing.receipt.stationId}${locale === 'en' ? '?lang=en' : ''}`;
    link.textContent = say('open');
    item.append(link);
  }
  if (standing?.kind === 'unreachable' && slip.bundle !== undefined)
    item.append(button(say('again'), () => void send(slip.digest, slip.bundle as Uint8Array)));
  if (slip.isSpoiled || standing?.kind === 'refused')
    item.append(
      button(say('forget'), () => {
        gathering.forget(slip.digest);
        standings.delete(slip.digest);
        show();
      }),
    );
  return item;
}

function button(text: string, onPress: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.addEventListener('click', onPress);
  return made;
}

function show(): void {
  const slips = gathering.slips();
  find('slips').replaceChildren(...slips.map(slipItem));
  find('none').hidden = slips.length > 0;
}

async function send(digest: string, bundle: Uint8Array): Promise<void> {
  standings.set(digest, { kind: 'sending' });
  show();
  try {
    const answer = await fetch(data.bundlesPath, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: Uint8Array.from(bundle),
    });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const receipt = answer.ok ? parseTyped(bytes, 'receipt', records.receiptShape) : undefined;
    if (receipt?.ok === true)
      standings.set(digest, {
        kind: answer.status === 200 ? 'repeated' : 'taken',
        receipt: receipt.value.value,
      });
    else {
      const body = JSON.parse(new TextDecoder().decode(bytes)) as { message_fa: string; message_en: string };
      standings.set(digest, {
        kind: 'refused',
        message: locale === 'fa' ? body.message_fa : body.message_en,
      });
    }
  } catch {
    standings.set(digest, { kind: 'unreachable' });
  }
  show();
}

/** @returns how many pages were new */
function take(codes: readonly Uint8Array[], name: string): number {
  let fresh = 0;
  let foreign = 0;
  for (const code of codes) {
    const added = gathering.add(code);
    if (added.kind === 'new') fresh++;
    if (added.kind === 'not_a_page') foreign++;
    if (added.kind === 'too_many') note(say('too_many'), 'bad');
  }
  if (foreign > 0) note(say('foreign', { name, count: number(foreign) }), 'bad');
  for (const { digest, bundle } of gathering.slips())
    if (bundle !== undefined && !standings.has(digest)) void send(digest, bundle);
  show();
  return fresh;
}

async function readFiles(files: readonly File[]): Promise<void> {
  if (files.length > FILES_MAX) note(say('too_many_files', { count: number(FILES_MAX) }), 'bad');
  for (const file of files.slice(0, FILES_MAX)) {
    const name = `\u2068${file.name}\u2069`;
    const codes = await codesOfFile(file);
    if (codes === undefined) note(say('no_picture', { name }), 'bad');
    else if (codes.length === 0) note(say('no_code', { name }), 'bad');
    else {
      const fresh = take(codes, name);
      note(say('read', { name, count: number(codes.length), fresh: number(fresh) }), 'good');
    }
  }
}

async function watch(video: HTMLVideoElement, isOn: () => boolean): Promise<void> {
  while (isOn()) {
    if (video.videoWidth > 0) {
      const fresh = take(await codesOfVideo(video), say('camera_name'));
      if (fresh > 0)
        note(say('read', { name: say('camera_name'), count: number(fresh), fresh: number(fresh) }), 'good');
    }
    await new Promise((resolve) => setTimeout(resolve, CAMERA_PAUSE_MS));
  }
}

function listenForCamera(): void {
  const press = find<HTMLButtonElement>('camera');
  const video = find<HTMLVideoElement>('video');
  let stream: MediaStream | undefined;
  const stop = (): void => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = undefined;
    video.hidden = true;
    press.textContent = say('camera');
  };
  press.addEventListener('click', async () => {
    if (stream !== undefined) return stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: 'environment', width: { ideal: 1920 }, height: { ideal: 1080 } },
      });
    } catch {
      note(say('no_camera'), 'bad');
      return;
    }
    video.srcObject = stream;
    video.hidden = false;
    press.textContent = say('camera_stop');
    await video.play();
    const own = stream;
    await watch(video, () => stream === own);
  });
  // Browsers give a camera to a page over TLS or on the machine itself only.
  if (navigator.mediaDevices === undefined) {
    press.hidden = true;
    find('camera-none').hidden = false;
  }
}

function listenForFiles(): void {
  const input = find<HTMLInputElement>('files');
  const zone = find('drop');
  // One after another, also where more are dropped meanwhile.
  let last = Promise.resolve();
  const queue = (files: readonly File[]): void => {
    last = last.then(() => readFiles(files));
  };
  input.addEventListener('change', () => {
    queue([...(input.files ?? [])]);
    input.value = '';
  });
  zone.addEventListener('dragover', (event) => {
    event.preventDefault();
    zone.classList.add('over');
  });
  zone.addEventListener('dragleave', () => zone.classList.remove('over'));
  zone.addEventListener('drop', (event) => {
    event.preventDefault();
    zone.classList.remove('over');
    queue([...(event.dataTransfer?.files ?? [])]);
  });
}

prepareDecoder(data.assetsPath);
listenForFiles();
listenForCamera();
show();
