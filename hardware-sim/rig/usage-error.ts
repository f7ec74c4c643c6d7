/**
 * Loaded before a bench or lab (`named-run.ts`): an option that it does not know is a mistake of whoever typed it, answered
 * by one sentence and exit 2 as everywhere, and not by a trace.
 */
const isUsage = (cause: unknown): cause is Error & { readonly code: string } =>
  cause instanceof Error && 'code' in cause && String(cause.code).startsWith('ERR_PARSE_ARGS');

process.on('uncaughtException', (cause) => {
  if (!isUsage(cause)) {
    console.error(cause);
    process.exit(1);
  }
  console.error(`${cause.message}\n--help says what it takes`);
  process.exit(2);
});
