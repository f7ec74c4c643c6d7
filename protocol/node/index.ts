export { type ThreadedChecks, threadedChecks } from './bulk.ts';
export { keptSigner, nodeCrypto, nodeKeyCheck, nodeRandomness } from './crypto.ts';
