export { nodeCrypto, nodeRandomness } from './crypto.ts';
