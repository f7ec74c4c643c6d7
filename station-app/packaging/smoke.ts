/**
 * The one check that needs Electron's real binary: opens the built shell for two windows over cores that are not
 * there, and looks at what only the binary can show. Not part of the tests: `npm run electron:install` first, a
 * display, then `npx node station-app/packaging/smoke.ts`. Ends 0 where everything held, 1 where it did not.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { buildElectron, ELECTRON_FOLDER } from '../src/shells/electron-build.ts';
import { buildScreens, findElectron } from '../src/shells/screens-build.ts';

const binary = findElectron();
if (binary === undefined) {
  process.stderr.write('Electron is not installed: npm run electron:install\n');
  process.exit(2);
}
await buildScreens();
await buildElectron();
const folder = mkdtempSync(join(tmpdir(), 'sandoq-smoke-'));
const config = join(folder, 'electron.json');
const absent = { socket: join(folder, 'absent.sock'), token: 'none' };
writeFileSync(
  config,
  JSON.stringify({
    windows: [
      { role: 'executive', locale: 'fa' },
      { role: 'voter', locale: 'fa' },
    ],
    voting: absent,
    admission: absent,
    panel: { px_per_mm: 4 },
    cores: [],
  }),
);
const checks: Record<string, boolean> = {};
const app = await _electron.launch({
  executablePath: binary,
  args: [join(ELECTRON_FOLDER, 'main.js'), '--config', config],
});
try {
  const first = await app.firstWindow();
  await first.getByRole('heading', { level: 1 }).waitFor();
  checks.two_windows = app.windows().length === 2;
  checks.own_origin = first.url() === 'station://screens/';
  checks.no_node_in_page = await first.evaluate(
    () => !('require' in globalThis) && !('process' in globalThis),
  );
  checks.only_the_contract = await first.evaluate(
    () =>
      Object.keys((globalThis as unknown as { sandoq: object }).sandoq)
        .sort()
        .join() === 'attach,call',
  );
  checks.no_navigation = await first.evaluate(() => {
    location.href = 'https://example.org/';
    return new Promise<boolean>((resolve) =>
      setTimeout(() => resolve(location.protocol === 'station:'), 500),
    );
  });
  checks.no_window = await first.evaluate(() => window.open('about:blank') === null);
  checks.kiosk = await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().every((window) => window.isKiosk()),
  );
} finally {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
}
const ok = Object.values(checks).every(Boolean);
process.stdout.write(`${JSON.stringify({ name: 'electron-smoke', ok, figures: checks })}\n`);
process.exit(ok ? 0 : 1);
