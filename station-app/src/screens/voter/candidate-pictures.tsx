/**
 * The pictures of the election in this page's memory. All are fetched when the page stands, before anybody votes, one
 * answer after another and always the same: neither the link nor the disk shows at whom a voter looked.
 */
import { createContext, useContext, useEffect, useState } from 'react';
import type { BallotView } from '../../contract/voting.ts';
import { useLink } from '../station.ts';
import type { StationLink } from '../station-link.ts';
import type { Contest } from './selection.ts';

type Urls = readonly string[];
const NONE: Urls = [];

const PicturesContext = createContext<Urls>(NONE);
export const PicturesProvider = PicturesContext.Provider;

const hasPicture = ({ candidates }: Contest): boolean =>
  candidates.some(({ picture }) => typeof picture === 'number');

/** By contest, so that thousands of candidates are gone through once. */
const known = new WeakMap<Contest, boolean>();

/** Whether anybody in this contest has a picture: where nobody has one, no place is kept for it in the lists. */
export function hasPictures(contest: Contest): boolean {
  const before = known.get(contest);
  if (before !== undefined) return before;
  const has = hasPicture(contest);
  known.set(contest, has);
  return has;
}

/** The address of a candidate's picture in this page; undefined where there is none, or not yet. */
export function usePictureUrl(candidate: Contest['candidates'][number] | undefined): string | undefined {
  const urls = useContext(PicturesContext);
  const place = candidate?.picture;
  return typeof place === 'number' ? urls[place] : undefined;
}

const MEDIA_TYPES = { png: 'image/png', jpg: 'image/jpeg' } as const;

async function fetchAll(link: StationLink, isWanted: () => boolean): Promise<string[]> {
  const urls: string[] = [];
  for (let from: number | null = 0; from !== null && isWanted(); ) {
    const answer: Awaited<ReturnType<typeof link.call<'pictures.read'>>> = await link.call('pictures.read', {
      from,
    });
    for (const { kind, base64 } of answer.pictures) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      urls.push(URL.createObjectURL(new Blob([bytes], { type: MEDIA_TYPES[kind] })));
    }
    from = answer.next;
  }
  return urls;
}

const revoke = (urls: Urls): void => {
  for (const url of urls) URL.revokeObjectURL(url);
};

/** Read with each connection to the voting process. Until they are here, and if they never come, placeholders stand. */
export function useCandidatePictures(isConnected: boolean, ballot: BallotView | null): Urls {
  const link = useLink();
  const [urls, setUrls] = useState<Urls>(NONE);
  const isAny = ballot?.contests.some(hasPictures) === true;
  useEffect(() => {
    if (!isConnected || !isAny) return;
    let isWanted = true;
    fetchAll(link, () => isWanted).then(
      (read) => (isWanted ? setUrls(read) : revoke(read)),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [link, isConnected, isAny]);
  useEffect(() => () => revoke(urls), [urls]);
  return urls;
}
