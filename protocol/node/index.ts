export { keptSigner, nodeCrypto, nodeKeyCheck, nodeRandomness } from './crypto.ts';
