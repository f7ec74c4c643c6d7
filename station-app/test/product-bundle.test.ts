/** What is shipped holds nothing of the bench, and names no file of a developer's machine. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildElectron } from '../src/shells/electron-build.ts';
import { buildScreens } from '../src/shells/screens-build.ts';

let folder: string;
const filesUnder = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true }).flatMap((each) =>
    each.isDirectory() ? filesUnder(join(path, each.name)) : [join(path, each.name)],
  );

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandoq-bundle-'));
  await buildScreens(join(folder, 'screens'));
  await buildElectron(join(folder, 'electron'));
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the bundles hold no module of the bench or the firmware', () => {
  const files = filesUnder(folder).filter((file) => /\.(js|cjs|css|html)$/.test(file));
  expect(files.length).toBeGreaterThan(4);
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    expect(/hardware-sim|firmware-host/.test(text), `${file} holds the bench`).toBe(false);
    // Not `toContain`: a bundle is no reading matter for a failing test.
    expect(text.includes(`${tmpdir()}/`), `${file} names a temporary folder`).toBe(false);
    expect(text.includes(join(import.meta.dirname, '..', '..')), `${file} names a source folder`).toBe(false);
    expect(text.includes('wrap-tests-with-act'), `${file} holds development code`).toBe(false);
  }
});

test('the screens ask for nothing inline and nothing from elsewhere', () => {
  const html = readFileSync(join(folder, 'screens', 'index.html'), 'utf8');
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
  expect(html).not.toMatch(/<style|style=|https?:\/\/|data:/);
  const css = filesUnder(join(folder, 'screens')).filter((file) => file.endsWith('.css'));
  for (const file of css) expect(readFileSync(file, 'utf8')).not.toMatch(/url\(["']?(https?:|data:|\/\/)/);
});

test('Electron’s main imports nothing but Electron and Node', () => {
  const main = readFileSync(join(folder, 'electron', 'main.js'), 'utf8');
  const imported = [...main.matchAll(/^import .*?from "([^"]+)"/gm)].map((match) => match[1]);
  expect(imported).toContain('electron');
  for (const name of imported) expect(name).toMatch(/^(electron|node:.*)$/);
  expect(readFileSync(join(folder, 'electron', 'preload.cjs'), 'utf8')).not.toMatch(/^import /m);
});

test('screens that are fresh are not built again', async () => {
  expect(await buildScreens(join(folder, 'screens'))).toBe(false);
}, 60_000);
