/**
 * What must be true of a station's entry before anyone signs it, and before anyone trusts it: which devices and role
 * cards it needs, and that their names say whose they are. Pure; used by authoring, station and server alike.
 */
import { equalBytes } from '../codec/bytes.ts';
import type { EnrolledDevice, EnrolledRole, Purpose, Role, Station } from './generated.ts';
import {
  admissionSubject,
  isAdmissionSubject,
  parseStationId,
  parseSubject,
  roleSubject,
  TERMINALS_MAX,
  tarefeSubject,
  votingSubject,
} from './identifiers.ts';

/** One thing that is wrong, and where: `devices[2].subject`. */
export interface RuleBreak {
  readonly code: string;
  readonly at: string;
  readonly wanted: string;
}

/** More boxes than this at one station are not foreseen: the first and its replacements. */
export const BOXES_PER_STATION_MAX = 9;
/** Who opens and arms; who closes and holds the keys of the count. */
export const OPENING_ROLES: readonly Role[] = ['executive', 'supervisor'];
export const CLOSING_ROLES: readonly Role[] = ['governor_representative', 'council_representative'];

const SINGLE_DEVICES = {
  voting: votingSubject,
  tarefe: tarefeSubject,
} as const satisfies Partial<Record<Purpose, (station: string) => string>>;

function deviceBreak(station: Station, device: EnrolledDevice, at: string): RuleBreak | undefined {
  if (device.purpose === 'box') {
    const prefix = `station/${station.id}/box/`;
    const unit = device.subject.startsWith(prefix) ? device.subject.slice(prefix.length) : '';
    return /^[1-9]$/.test(unit)
      ? undefined
      : { code: 'subject_of_other', at: `${at}.subject`, wanted: `${prefix}1 to ${BOXES_PER_STATION_MAX}` };
  }
  if (device.purpose === 'admission')
    return isAdmissionSubject(station.id, device.subject)
      ? undefined
      : {
          code: 'subject_of_other',
          at: `${at}.subject`,
          wanted: `${admissionSubject(station.id)}, or that and /2 to /${TERMINALS_MAX}`,
        };
  if (!Object.hasOwn(SINGLE_DEVICES, device.purpose))
    return { code: 'purpose_of_other', at: `${at}.purpose`, wanted: 'box, voting, admission or tarefe' };
  const subject = SINGLE_DEVICES[device.purpose as keyof typeof SINGLE_DEVICES](station.id);
  return device.subject === subject
    ? undefined
    : { code: 'subject_of_other', at: `${at}.subject`, wanted: subject };
}

function roleBreak(station: Station, role: EnrolledRole, at: string): RuleBreak | undefined {
  const subject = roleSubject(station.id, role.role);
  if (role.subject !== subject && !new RegExp(`^${subject}/[1-9]$`).test(role.subject))
    return { code: 'subject_of_other', at: `${at}.subject`, wanted: `${subject}, or that and /1 to /9` };
  const closing = CLOSING_ROLES.includes(role.role);
  if (closing !== (role.countKey !== undefined))
    return {
      code: closing ? 'count_key_missing' : 'count_key_unwanted',
      at: `${at}.countKey`,
      wanted: closing ? 'an X25519 key: this role holds a key of the count' : 'no key of the count',
    };
  return undefined;
}

function repeated(
  items: readonly { readonly at: string; readonly value: string | Uint8Array }[],
  code: string,
) {
  const breaks: RuleBreak[] = [];
  items.forEach((item, i) => {
    const same = (other: { readonly value: string | Uint8Array }): boolean =>
      typeof item.value === 'string'
        ? other.value === item.value
        : equalBytes(other.value as Uint8Array, item.value);
    const first = items.slice(0, i).find(same);
    if (first !== undefined) breaks.push({ code, at: item.at, wanted: `another than ${first.at}` });
  });
  return breaks;
}

/** Everything that is wrong with a station's entry; empty where nothing is. */
export function stationBreaks(station: Station): readonly RuleBreak[] {
  const breaks: RuleBreak[] = [];
  if (parseStationId(station.id) === undefined)
    breaks.push({ code: 'id_malformed', at: 'id', wanted: 'lower-case letters, digits and inner hyphens' });
  const holders = [
    ...station.devices.map((device, i) => ({ at: `devices[${i}]`, ...device })),
    ...station.roles.map((role, i) => ({ at: `roles[${i}]`, ...role })),
  ];
  for (const { at, subject } of holders)
    if (parseSubject(subject) === undefined)
      breaks.push({ code: 'subject_malformed', at: `${at}.subject`, wanted: 'a subject' });
  station.devices.forEach((device, i) => {
    const one = deviceBreak(station, device, `devices[${i}]`);
    if (one !== undefined) breaks.push(one);
  });
  station.roles.forEach((role, i) => {
    const one = roleBreak(station, role, `roles[${i}]`);
    if (one !== undefined) breaks.push(one);
  });
  const countKeys = station.roles.flatMap((role, i) =>
    role.countKey === undefined ? [] : [{ at: `roles[${i}].countKey`, value: role.countKey }],
  );
  breaks.push(
    ...repeated(
      holders.map(({ at, subject }) => ({ at: `${at}.subject`, value: subject })),
      'subject_repeated',
    ),
    ...repeated(
      holders.map(({ at, key }) => ({ at: `${at}.key`, value: key })),
      'key_repeated',
    ),
    ...repeated(countKeys, 'key_repeated'),
  );
  for (const { at, value } of countKeys)
    if (value.every((byte) => byte === 0)) breaks.push({ code: 'key_invalid', at, wanted: 'an X25519 key' });
  for (const purpose of ['box', 'voting', 'admission', 'tarefe'] as const)
    if (!station.devices.some((device) => device.purpose === purpose))
      breaks.push({ code: 'device_missing', at: 'devices', wanted: `a device of purpose ${purpose}` });
  for (const role of [...OPENING_ROLES, ...CLOSING_ROLES])
    if (!station.roles.some((one) => one.role === role))
      breaks.push({ code: 'role_missing', at: 'roles', wanted: `a card of role ${role}` });
  if (station.votesMax === 0) breaks.push({ code: 'capacity_zero', at: 'votesMax', wanted: 'at least 1' });
  return breaks;
}
