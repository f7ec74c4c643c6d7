import { buildScreens, SCREENS_FOLDER } from '../src/shells/screens-build.ts';

if (process.argv.includes('--help')) {
  process.stdout.write(
    'build-screens: builds the officers’ and voters’ screens into station-app/dist/screens, if stale.\n',
  );
  process.exit(0);
}
const built = await buildScreens();
process.stderr.write(built ? 'screens built\n' : 'screens are fresh\n');
process.stdout.write(
  `${JSON.stringify({ name: 'screens:build', ok: true, figures: { built, folder: SCREENS_FOLDER } })}\n`,
);
