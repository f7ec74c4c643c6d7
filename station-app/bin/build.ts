import { buildCores, CORES_FOLDER } from '../src/shells/cores-build.ts';
import { buildScreens, SCREENS_FOLDER } from '../src/shells/screens-build.ts';

if (process.argv.includes('--help')) {
  process.stdout.write(
    'build: the officers’ and voters’ screens into station-app/dist/screens and the processes into station-app/dist/cores, where stale.\n',
  );
  process.exit(0);
}
const screens = await buildScreens();
const cores = await buildCores();
process.stderr.write(`screens ${screens ? 'built' : 'fresh'}, processes ${cores ? 'built' : 'fresh'}\n`);
process.stdout.write(
  `${JSON.stringify({ name: 'station:build', ok: true, figures: { screens, cores, folders: [SCREENS_FOLDER, CORES_FOLDER] } })}\n`,
);
