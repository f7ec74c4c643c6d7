import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Button } from './button.tsx';
import { useKitTexts } from './context.ts';
import { Icon } from './icons.tsx';

export interface DialogProps {
  readonly isOpen: boolean;
  readonly title: string;
  /** Without it the dialog stays until its question is answered. */
  readonly onClose?: () => void;
  /** 'alert' interrupts: a fault, or what cannot be taken back. */
  readonly kind?: 'plain' | 'alert';
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export const Dialog = ({ isOpen, title, onClose, kind = 'plain', actions, children }: DialogProps) => (
  <ModalOverlay
    className="kit-overlay"
    isOpen={isOpen}
    isKeyboardDismissDisabled={onClose === undefined}
    onOpenChange={(open) => {
      if (!open) onClose?.();
    }}
  >
    <Modal className="kit-modal">
      <AriaDialog className="kit-dialog" data-kind={kind} role={kind === 'alert' ? 'alertdialog' : 'dialog'}>
        <Heading slot="title" level={2}>
          {title}
        </Heading>
        <div className="kit-dialog-body">{children}</div>
        {actions === undefined ? null : <div className="kit-button-row">{actions}</div>}
      </AriaDialog>
    </Modal>
  </ModalOverlay>
);

export interface Approval {
  readonly id: string;
  /** The role, as written on its card. */
  readonly role: string;
  readonly state: 'waiting' | 'approved' | 'refused';
  /** What this role does now, or why it was refused. */
  readonly detail?: string;
}

export interface ApprovalDialogProps {
  readonly isOpen: boolean;
  readonly title: string;
  /** What is being approved, in words that both roles can check. */
  readonly children: ReactNode;
  readonly approvals: readonly Approval[];
  readonly onCancel?: () => void;
  readonly actions?: ReactNode;
}

const APPROVAL_ICONS = { waiting: 'person', approved: 'check', refused: 'cross' } as const;

/** Two roles, one question: nothing goes on until both have approved, each with an own card. */
export const ApprovalDialog = (props: ApprovalDialogProps) => {
  const { isOpen, title, children, approvals, onCancel, actions } = props;
  const t = useKitTexts();
  const approved = approvals.filter((approval) => approval.state === 'approved').length;
  return (
    <Dialog
      isOpen={isOpen}
      title={title}
      {...(onCancel === undefined ? {} : { onClose: onCancel })}
      actions={
        <>
          {actions}
          {onCancel === undefined ? null : <Button onPress={onCancel}>{t('approval.cancel')}</Button>}
        </>
      }
    >
      <div className="kit-approval-what">{children}</div>
      <ul className="kit-approvals" aria-label={t('approval.count', { approved, needed: approvals.length })}>
        {approvals.map((approval) => (
          <li key={approval.id} data-state={approval.state}>
            <span className="kit-seal">
              <Icon name={APPROVAL_ICONS[approval.state]} />
            </span>
            <p className="kit-approval-role">{approval.role}</p>
            <p className="kit-approval-state">{t(`approval.${approval.state}`)}</p>
            {approval.detail === undefined ? null : <p className="kit-approval-detail">{approval.detail}</p>}
          </li>
        ))}
      </ul>
      <p className="kit-approval-count" role="status">
        {t('approval.count', { approved, needed: approvals.length })}
      </p>
    </Dialog>
  );
};
