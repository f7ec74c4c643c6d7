/** The admission process: reader, roll, journal and the tarefe cards. It shares the package folder with voting, and nothing else. */
import { setFlagsFromString } from 'node:v8';
import { readAdmissionConfig } from '../src/admission/config.ts';
import { startAdmission } from '../src/admission/start.ts';
import { runCore } from '../src/shells/run-core.ts';

// Compile at the first call: a station sees hundreds of voters, not millions, and would spend them in the interpreter
// (measured: a tenth of the first hundred admissions).
setFlagsFromString('--always-sparkplug');

await runCore({
  name: 'admission',
  configFields: `{station_id, data_folder, package_folder, authority_public_key,
                         reader: {kind: "socket"|"hid", path}, roll_path | null, province_url | null,
                         socket, token}`,
  remarks: '',
  readConfig: readAdmissionConfig,
  start: startAdmission,
});
