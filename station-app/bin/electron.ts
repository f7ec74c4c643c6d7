/** Opens the station's windows in Electron, where its binary is installed; it is never downloaded here. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildElectron, ELECTRON_FOLDER } from '../src/shells/electron-build.ts';
import { buildScreens, findElectron } from '../src/shells/screens-build.ts';

const USAGE = `electron --config FILE

  FILE: {windows, voting, admission, panel: {px_per_mm}, cores: [{entry, config}]}
  Needs Electron's binary: npm run electron:install
`;
const at = process.argv.indexOf('--config');
const config = at === -1 ? undefined : process.argv[at + 1];
if (process.argv.includes('--help')) {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (config === undefined) {
  process.stderr.write(USAGE);
  process.exit(2);
}
const binary = findElectron();
if (binary === undefined) {
  process.stderr.write(
    'Electron is not installed. Run `npm run electron:install`, or open the windows with bin/kiosk.ts.\n',
  );
  process.exit(1);
}
await buildScreens();
await buildElectron();
const child = spawn(binary, [join(ELECTRON_FOLDER, 'main.js'), '--config', config], { stdio: 'inherit' });
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
