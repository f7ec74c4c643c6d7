/** The voting process: box, sealed records, sessions, close, count, outbox. It knows no voter and no admission. */
import { harden, hardenEngine } from '../src/voting/hardening.ts';

// Before anything else is loaded: it would be loaded twice.
harden();
const { runCore } = await import('../src/shells/run-core.ts');
const { readVotingConfig } = await import('../src/voting/config.ts');
const { startVoting } = await import('../src/voting/start.ts');
hardenEngine();

await runCore({
  name: 'voting',
  configFields: `{station_id, data_folder, package_folder, authority_public_key, box_path,
                         role_reader: {kind: "socket"|"hid", path}, province_url | null, socket, token}`,
  remarks:
    'It replaces itself once by execve(2), to run without core dumps and with freed memory overwritten.',
  readConfig: readVotingConfig,
  start: startVoting,
});
