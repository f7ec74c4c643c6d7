export { nodeCrypto, nodeRandomness, PARSED_KEYS_MAX } from './crypto.ts';
