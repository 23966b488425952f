import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { Lines } from '../../shell/Lines.tsx';
import type { Paged } from '../pages.ts';
import { AsOf } from './AsOf.tsx';
import styles from './Pages.module.css';

interface Props {
  title: string;
  paged: Paged<unknown>;
  empty: string;
  /** Beside the title: what to show of it. */
  controls?: ReactNode;
  children: ReactNode;
}

/** A section that is loaded a page at a time: title, how many, the entries, and the rest. */
export function Pages({ title, paged, empty, controls, children }: Props) {
  const { items, total, fault, loading, more, loadingMore, again } = paged;
  return (
    <section className={styles.section}>
      <header className={styles.head}>
        <h2>
          {title}
          {total !== undefined && <span className="soft number"> {total}</span>}
        </h2>
        {controls}
      </header>
      <AsOf at={paged.at} failed={paged.failed} again={again} />
      {loading && <Lines count={8} />}
      {fault !== undefined && !paged.failed && <FaultNote fault={fault} retry={again} />}
      {!loading && fault === undefined && items.length === 0 && <p className="soft">{empty}</p>}
      {items.length > 0 && children}
      {more && (
        <Button variant="default" onClick={more} disabled={loadingMore}>
          {loadingMore ? 'Loading …' : `Show more (${items.length} of ${total ?? 'many'})`}
        </Button>
      )}
    </section>
  );
}
