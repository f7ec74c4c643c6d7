import type { ReactNode } from 'react';
import { ComponentsPage } from './components.tsx';
import type { PageProps } from './sample.ts';
import { ApprovalPage, OfficerPage, VoterPage } from './screens.tsx';

export const PAGES = {
  components: ComponentsPage,
  voter: VoterPage,
  officer: OfficerPage,
  approval: ApprovalPage,
} as const satisfies Record<string, (props: PageProps) => ReactNode>;

export type PageName = keyof typeof PAGES;
