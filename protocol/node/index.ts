export { keptSigner, nodeCrypto, nodeRandomness } from './crypto.ts';
