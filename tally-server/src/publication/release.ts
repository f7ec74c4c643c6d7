/**
 * The law of publication: which of the slips that are held may be shown to everyone. A slip is published when its
 * signature set is complete, and in an official election not before the last hour of voting has passed. Officials
 * see every slip that is held. Pure.
 */
import type { Provisioning, records } from '@sandoq/protocol';
import { type HeldSlip, signersOf } from '../intake/held.ts';

/** Who may be asked to sign the minutes. */
export const MINUTES_ROLES = [
  'chief',
  'deputy',
  'secretary',
  'executive',
  'supervisor',
  'governor_representative',
  'council_representative',
  'inspector',
  'executive_board',
  'supervisory_board',
] as const satisfies readonly records.Role[];
export type MinutesRole = (typeof MINUTES_ROLES)[number];

export interface PublicationRules {
  /** whose signature the minutes must carry, in agreement or with a remark; a role that a station has no card of is not asked */
  readonly rolesRequired: readonly MinutesRole[];
  /** cells of cross-tables below this are withheld; 0 withholds none */
  readonly smallCellMin: number;
}

export const PUBLICATION_RULES_DEFAULT: PublicationRules = {
  rolesRequired: ['governor_representative', 'council_representative'],
  smallCellMin: 5,
};

/** The hour at which voting ends, with the amendments that are in force. */
export function closesAt({ package: signed, amendments }: Provisioning): number {
  let at = signed.settings.closesAt;
  for (const { amendment } of amendments)
    if (amendment.change.kind === 'hours_changed') at = amendment.change.closesAt;
  return at;
}

/** Roles whose signature is still wanted; empty where the set is complete. */
export function signaturesMissing(rules: PublicationRules, { checked }: HeldSlip): readonly records.Role[] {
  const signed = signersOf(checked);
  return rules.rolesRequired.filter(
    (role) => checked.station.roles.some((card) => card.role === role) && !signed.includes(role),
  );
}

/** Whether anything of this election may be public yet. A demonstration may be shown at any hour. */
export const isVotingOver = (provisioning: Provisioning, nowSeconds: number): boolean =>
  provisioning.package.demonstration || nowSeconds >= closesAt(provisioning);

export const released = (
  rules: PublicationRules,
  provisioning: Provisioning,
  nowSeconds: number,
  held: readonly HeldSlip[],
): readonly HeldSlip[] =>
  isVotingOver(provisioning, nowSeconds)
    ? held.filter((slip) => signaturesMissing(rules, slip).length === 0)
    : [];
