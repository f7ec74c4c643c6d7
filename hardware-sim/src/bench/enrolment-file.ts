/** What the workshop has given out for one station: public keys only, so that asking again answers the same. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Enrolment } from '../control/deeds.ts';

const pair = z.strictObject({ subject: z.string(), key: z.string() });
const schema = z.strictObject({
  authority_key: z.string(),
  public: z.strictObject({
    station: z.string(),
    election: z.string(),
    box: pair,
    tarefe: pair,
    roles: z.array(
      z.strictObject({
        card: z.string(),
        role: z.string(),
        subject: z.string(),
        key: z.string(),
        count_key: z.string().exactOptional(),
      }),
    ),
    tarefe_cards: z.array(z.string()),
  }),
});

export interface Enrolled {
  readonly authority_key: string;
  readonly public: Enrolment;
}

export function openEnrolmentFile(path: string): {
  read(): Enrolled | undefined;
  write(enrolled: Enrolled): void;
} {
  let known: Enrolled | undefined = existsSync(path)
    ? schema.parse(JSON.parse(readFileSync(path, 'utf8')))
    : undefined;
  return {
    read: () => known,
    write(enrolled) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.new`, `${JSON.stringify(enrolled, null, 1)}\n`);
      renameSync(`${path}.new`, path);
      known = enrolled;
    },
  };
}
