/** Orders of the province for the day that is walked: signed amendments, as files that somebody brings on a carrier. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkProvisioning, type Provisioning, type records } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { amendProvisioning, enrolAuthority, readProvisioningFiles } from '@sandoq/tally-server';

export interface Orders {
  /** Signed, made known to the province, and written to a carrier. @returns the path of the file */
  bring(change: records.AmendmentChange, reason: records.Bilingual): Promise<string>;
  /** The package with every order, as an auditor has it. */
  published(): Provisioning;
}

export function openOrders(data: string, province: string): Orders {
  const read = readProvisioningFiles(join(data, 'package'));
  if (!read.ok) throw new Error(read.fault.code);
  let files = read.value;
  const authority = () => enrolAuthority(join(data, 'province', 'authority.key'));
  const tellProvince = async (): Promise<void> => {
    const token = readFileSync(join(data, 'province', 'administrator.token'), 'utf8').trim();
    const body = Object.fromEntries(
      [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
    );
    const reply = await fetch(new URL('/api/elections', province), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ files: body }),
    });
    if (!reply.ok) throw new Error(`the province refused the order: ${await reply.text()}`);
  };
  return {
    async bring(change, reason) {
      const { secretKey } = authority();
      const made = amendProvisioning(files, secretKey, { change, reason, effectiveAt: 0 });
      secretKey.fill(0);
      if (!made.ok) throw new Error(`${made.fault.code} at ${made.fault.at}`);
      const [[name, bytes]] = [...made.value].filter(([file]) => !files.has(file)) as [[string, Uint8Array]];
      files = made.value;
      await tellProvince();
      const path = join(data, name.replace('amendments/', 'order-'));
      writeFileSync(path, bytes);
      return path;
    },
    published() {
      const checked = checkProvisioning(files, nodeCrypto, authority().publicKey);
      if (!checked.ok) throw new Error(`${checked.fault.code} at ${checked.fault.at}`);
      return checked.value;
    },
  };
}
