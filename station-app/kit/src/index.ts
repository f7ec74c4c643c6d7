// The face of `@sandoq/kit`: the look that the station's and the province's screens share. Only through Vite.
import './styles/kit.css';

export { Button, type ButtonProps, ButtonRow } from './button.tsx';
export {
  ChoiceCard,
  type ChoiceCardProps,
  ChoiceGrid,
  type ChoiceGridProps,
  Pager,
  type PagerProps,
  Picture,
} from './choice.tsx';
export { useRoot, useTexts } from './context.ts';
export {
  type Approval,
  ApprovalDialog,
  type ApprovalDialogProps,
  Dialog,
  type DialogProps,
} from './dialog.tsx';
export {
  ALEF_MM_BY_SIZE,
  ALEF_PER_EM,
  type Mode,
  PX_PER_MM_NOMINAL,
  TARGET_GAP_MM_MIN,
  TARGET_MM_MIN,
  TEXT_SIZE_DEFAULT,
  TEXT_SIZES,
  type TextSize,
  THEMES,
  type Theme,
} from './display.ts';
export { NumberField, type NumberFieldProps, SearchField, type SearchFieldProps } from './fields.tsx';
export { Icon, type IconName } from './icons.tsx';
export { Keypad, type KeypadProps } from './keypad.tsx';
export { Ledger, type LedgerLine, type LedgerProps, ledgerDifference } from './ledger.tsx';
export { LiveRegion, type LiveRegionProps, Notice, type NoticeProps } from './notice.tsx';
export { Progress, type ProgressProps } from './progress.tsx';
export { Root, type RootProps } from './root.tsx';
export { Columns, Panel, Screen, type ScreenProps } from './screen.tsx';
export {
  DisplayControls,
  type DisplayControlsProps,
  DisplayMenu,
  type DisplaySettings,
  SegmentedChoice,
  type SegmentedChoiceProps,
} from './segmented.tsx';
export { useStable } from './stable.ts';
export { StatTile, type StatTileProps, type Status, StatusPill, TileRow } from './status.tsx';
export { type Step, StepList } from './steps.tsx';
export { DataTable, type DataTableProps, type TableColumn, type TableRow } from './table.tsx';
export { type TabItem, TabSet, type TabSetProps } from './tabs.tsx';
export {
  type Catalogue,
  catalogueProblems,
  createText,
  MISSING_TEXT_MARK,
  type Text,
  type TextParams,
} from './text.ts';
