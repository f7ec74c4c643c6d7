/** Orders of the province for the day that is walked: signed amendments, as files that somebody brings on a carrier. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { records } from '@sandoq/protocol';
import {
  amendProvisioning,
  enrolAuthority,
  readProvisioningFiles,
} from '@sandoq/tally-server';

export interface Orders {
  /** @returns the path of the file on the carrier */
  bring(change: records.AmendmentChange, reason: records.Bilingual): string;
}

export function openOrders(data: string): Orders {
  const read = readProvisioningFiles(join(data, 'package'));
  if (!read.ok) throw new Error(read.fault.code);
  let files = read.value;
  return {
    bring(change, reason) {
      const { secretKey } = enrolAuthority(join(data, 'province', 'authority.key'));
      const made = amendProvisioning(files, secretKey, { change, reason, effectiveAt: 0 });
      secretKey.fill(0);
      if (!made.ok) throw new Error(`${made.fault.code} at ${made.fault.at}`);
      const [[name, bytes]] = [...made.value].filter(([file]) => !files.has(file)) as [[string, Uint8Array]];
      files = made.value;
      const path = join(data, name.replace('amendments/', 'order-'));
      writeFileSync(path, bytes);
      return path;
    },
  };
}
