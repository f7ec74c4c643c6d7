/** The draft as the page holds it: the definition's own JSON, changed by paths, judged by the process. */
import type { Capacity } from '../../elections/capacity.ts';
import type { DefinitionMistake } from '../../elections/mistakes.ts';
import { pathText } from '../../elections/mistakes.ts';
import type { SignedPackage } from '../signed-package.ts';

export type Path = readonly (string | number)[];
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface Judged {
  readonly mistakes: readonly DefinitionMistake[];
  readonly warnings: readonly DefinitionMistake[];
  readonly capacity: Capacity | null;
  readonly stations: readonly {
    readonly id: string;
    readonly name: { readonly fa: string };
    readonly county: string;
  }[];
  readonly pictures: readonly string[];
  readonly signed: readonly string[];
  /** the settings as they hold, defaults too; null where the draft has mistakes */
  readonly settings: Readonly<Record<string, string | number | boolean>> | null;
}

export const NOTHING: Judged = {
  mistakes: [],
  warnings: [],
  capacity: null,
  stations: [],
  pictures: [],
  signed: [],
  settings: null,
};

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

export function at(value: Json | undefined, path: Path): Json | undefined {
  let here = value;
  for (const part of path) {
    if (here === null || typeof here !== 'object') return undefined;
    here = isList(here) ? here[Number(part)] : (here as Readonly<Record<string, Json>>)[String(part)];
  }
  return here;
}

/** @param next undefined takes the part away */
export function set(value: Json | undefined, path: Path, next: Json | undefined): Json {
  const [part, ...rest] = path;
  if (part === undefined) return next ?? null;
  if (typeof part === 'number') {
    const list = isList(value) ? [...value] : [];
    if (rest.length === 0 && next === undefined) list.splice(part, 1);
    else list[part] = set(list[part], rest, next);
    return list;
  }
  const record = {
    ...(value !== null && typeof value === 'object' && !isList(value) ? (value as Record<string, Json>) : {}),
  };
  if (rest.length === 0 && next === undefined) delete record[part];
  else record[part] = set(record[part], rest, next);
  return record;
}

export const listAt = (draft: Json, path: Path): readonly Json[] => {
  const list = at(draft, path);
  return isList(list) ? list : [];
};
export const textAt = (draft: Json, path: Path): string => {
  const value = at(draft, path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

export const mistakeAt = (judged: Judged, path: Path): DefinitionMistake | undefined =>
  judged.mistakes.find((one) => one.path === pathText(path)) ??
  judged.warnings.find((one) => one.path === pathText(path));

async function answer<Value>(response: Response): Promise<Value> {
  const body = (await response.json()) as Value;
  if (!response.ok && response.status !== 422) throw new Error(`${response.status}`);
  return body;
}

export const load = async (): Promise<Judged & { readonly draft: Json }> => answer(await fetch('/api/draft'));
export const save = async (draft: Json): Promise<Judged> =>
  answer(
    await fetch('/api/draft', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(draft),
    }),
  );
export const sendPicture = async (name: string, file: File): Promise<boolean> =>
  (
    await fetch(`/api/pictures/${name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream' },
      body: file,
    })
  ).ok;
export const sign = async (): Promise<{ readonly package?: string; readonly folder?: string }> => {
  const response = await fetch('/api/sign', { method: 'POST' });
  return response.ok ? answer(response) : {};
};
export const loadSigned = async (name: string): Promise<SignedPackage> =>
  answer(await fetch(`/api/signed/${encodeURIComponent(name)}`));

/** @returns undefined where it is signed, else the refusal's code */
export async function amend(body: object): Promise<string | undefined> {
  const response = await fetch('/api/amend', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.ok ? undefined : ((await response.json()) as { readonly code: string }).code;
}
