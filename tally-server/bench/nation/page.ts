/** The verifier's page in a real browser, on a folder: how long it takes and what it says. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toHex } from '@sandoq/protocol';
import { chromium } from 'playwright-core';
import { AUTHORITY_KEY } from '../../test/province.ts';

const CHROMIUM = '/usr/bin/chromium';

export interface PageVerdict {
  readonly state: 'green' | 'red' | 'no browser' | 'no verdict in time';
  readonly seconds?: number;
  /** of the largest of the browser's processes: the page with its workers */
  readonly peakMib?: number;
  /** of all of the browser's processes together */
  readonly cpuSeconds?: number;
}

const PAGE_KIB = 4;
const WATCH_EVERY_MS = 500;

/** CPU time of every process under this one, and the memory of the largest. */
function children(): { readonly cpuSeconds: number; readonly largestMib: number } {
  const processes = new Map<number, { parent: number; cpuSeconds: number; mib: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      processes.set(Number(name), {
        parent: Number(fields[1]),
        cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
        mib: (Number(fields[21]) * PAGE_KIB) / 1024,
      });
    } catch {
      // It ended between two looks.
    }
  }
  const isOurs = (pid: number): boolean => {
    let at = processes.get(pid)?.parent ?? 0;
    while (at > 1 && at !== process.pid) at = processes.get(at)?.parent ?? 0;
    return at === process.pid;
  };
  let cpuSeconds = 0;
  let largestMib = 0;
  for (const [pid, one] of processes) {
    if (!isOurs(pid)) continue;
    cpuSeconds += one.cpuSeconds;
    largestMib = Math.max(largestMib, one.mib);
  }
  return { cpuSeconds, largestMib };
}

/** From the press of the button to the verdict, reading the files included. */
export async function pageVerdict(folder: string, file: string, secondsLimit: number): Promise<PageVerdict> {
  if (!existsSync(CHROMIUM)) return { state: 'no browser' };
  const build = join(import.meta.dirname, '..', '..', '..', 'protocol', 'bin', 'build-page.ts');
  const built = spawnSync(process.execPath, [build, file], { stdio: 'ignore' });
  if (built.status !== 0) throw new Error('the page could not be built');
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ offline: true });
    await page.goto(pathToFileURL(file).href);
    await page.locator('#folder').setInputFiles(folder, { timeout: secondsLimit * 1000 });
    await page.locator('#authority').fill(toHex(AUTHORITY_KEY));
    let peakMib = 0;
    const watch = setInterval(() => {
      peakMib = Math.max(peakMib, children().largestMib);
    }, WATCH_EVERY_MS);
    const before = children().cpuSeconds;
    const started = performance.now();
    await page.locator('#start').click();
    try {
      await page.locator('#save').waitFor({ state: 'visible', timeout: secondsLimit * 1000 });
    } catch {
      return { state: 'no verdict in time' };
    } finally {
      clearInterval(watch);
    }
    const seconds = (performance.now() - started) / 1000;
    const cpuSeconds = children().cpuSeconds - before;
    const ok = await page.locator('#report').getAttribute('data-ok');
    return { state: ok === 'true' ? 'green' : 'red', seconds, peakMib, cpuSeconds };
  } finally {
    await browser.close();
  }
}
