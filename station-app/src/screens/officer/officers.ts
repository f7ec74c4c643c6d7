import type { ScreenRole } from '../../contract/contract.ts';

/** The two roles that admit and arm; each has a window of its own. */
export type Officer = 'executive' | 'supervisor';
export const OFFICERS: readonly Officer[] = ['executive', 'supervisor'];
export const isOfficer = (role: ScreenRole | null): role is Officer =>
  role === 'executive' || role === 'supervisor';
