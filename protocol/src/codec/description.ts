/** How records and messages are described, once, as data. `bin/generate.ts` turns this into codecs and constants. */

export type TypeDescription =
  | { readonly type: 'uint'; readonly max: number }
  | { readonly type: 'bytes'; readonly min: number; readonly max: number }
  | { readonly type: 'text'; readonly max: number }
  | { readonly type: 'bool' }
  | { readonly type: 'enumeration'; readonly of: string }
  | { readonly type: 'list'; readonly item: TypeDescription; readonly min: number; readonly max: number }
  | { readonly type: 'struct'; readonly of: string }
  | { readonly type: 'union'; readonly of: string };

export interface FieldDescription {
  readonly key: number;
  readonly name: string;
  readonly type: TypeDescription;
  readonly optional?: true;
  readonly doc: string;
}

export interface StructDescription {
  readonly doc: string;
  readonly fields: readonly FieldDescription[];
}

export interface EnumerationDescription {
  readonly doc: string;
  readonly codes: Readonly<Record<string, number>>;
}

export interface UnionDescription {
  readonly doc: string;
  /** variant name → tag and struct */
  readonly variants: Readonly<Record<string, { readonly tag: number; readonly of: string }>>;
}

export interface SchemaDescription {
  readonly enumerations: Readonly<Record<string, EnumerationDescription>>;
  readonly structs: Readonly<Record<string, StructDescription>>;
  readonly unions: Readonly<Record<string, UnionDescription>>;
}

export const UINT32_MAX = 0xffff_ffff;
export const SAFE_MAX = Number.MAX_SAFE_INTEGER;

export const uintOf = (max: number): TypeDescription => ({ type: 'uint', max });
export const bytesOf = (length: number): TypeDescription => ({ type: 'bytes', min: length, max: length });
export const bytesUpTo = (max: number, min = 0): TypeDescription => ({ type: 'bytes', min, max });
export const textOf = (max: number): TypeDescription => ({ type: 'text', max });
export const boolean: TypeDescription = { type: 'bool' };
export const oneOf = (name: string): TypeDescription => ({ type: 'enumeration', of: name });
export const listOf = (item: TypeDescription, max: number, min = 0): TypeDescription => ({
  type: 'list',
  item,
  min,
  max,
});
export const structOf = (name: string): TypeDescription => ({ type: 'struct', of: name });
export const unionOf = (name: string): TypeDescription => ({ type: 'union', of: name });

/** A field; keys are permanent: a key once used is never given to another meaning. */
export const field = (key: number, name: string, type: TypeDescription, doc: string): FieldDescription => ({
  key,
  name,
  type,
  doc,
});
export const optionalField = (
  key: number,
  name: string,
  type: TypeDescription,
  doc: string,
): FieldDescription => ({ key, name, type, doc, optional: true });
