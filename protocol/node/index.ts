export { keptSigner, nodeCrypto, nodeKeyCheck, nodeRandomness } from './crypto.ts';
export { type ThreadedJudges, threadedJudges } from './judges.ts';
