import { runNamed } from './named-run.ts';

runNamed('bench', process.argv.slice(2));
