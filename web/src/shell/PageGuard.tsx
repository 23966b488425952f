import { Component, type ReactNode } from 'react';
import { FaultNote } from './FaultNote.tsx';

interface State {
  fault: unknown;
}

/** Keeps a page that fails from taking the bar, and the way elsewhere, with it. */
export class PageGuard extends Component<{ children: ReactNode }, State> {
  override state: State = { fault: undefined };

  static getDerivedStateFromError(fault: unknown): State {
    return { fault };
  }

  override render(): ReactNode {
    const { fault } = this.state;
    if (fault === undefined) return this.props.children;
    return <FaultNote fault={fault} retry={() => this.setState({ fault: undefined })} />;
  }
}
