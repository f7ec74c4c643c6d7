import { runNamed } from './named-run.ts';

runNamed('lab', process.argv.slice(2));
