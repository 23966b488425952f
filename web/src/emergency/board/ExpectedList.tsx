import { Button } from '@mantine/core';
import type { KeyboardEvent } from 'react';
import { day } from '../../fhir/dates.ts';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { agesex } from '../parts.tsx';
import { useTime } from '../ticking.ts';
import { clockTime, expectedIn } from '../times.ts';
import { actOn, useAct } from '../useAct.ts';
import { isAnswer, useAskedTwice } from '../useAskedTwice.ts';
import styles from './Board.module.css';
import type { Attendance } from './board.ts';
import { cameParts } from './expected.ts';
import { useOrganization } from './useBoard.ts';
import { useMeant } from './useMeant.ts';

/** Who is announced and not here yet: not among those who wait, and nothing runs for them. */
export function ExpectedList({ rows }: { rows: readonly Attendance[] }) {
  const meant = useMeant('li');
  return (
    <section aria-labelledby="expected" className={styles.expected}>
      <h2 id="expected">Expected</h2>
      <ul {...meant}>
        {rows.map((row) => (
          <One key={row.id} row={row} />
        ))}
      </ul>
    </section>
  );
}

/** A key that is held down answers nothing. */
const once = (event: KeyboardEvent) => {
  if (event.repeat && event.key === 'Enter') event.preventDefault();
};

function One({ row }: { row: Attendance }) {
  const organization = useOrganization();
  const act = useAct();
  const { asked, press, forget, left } = useAskedTwice<'came' | 'none'>((what) => {
    if (what === 'came') {
      act.mutate({ path: 'Encounter/$arrive', parts: cameParts(row, organization ?? '') });
      return;
    }
    const none = [{ name: 'disposition', valueCode: 'did-not-come' }];
    act.mutate(actOn(row.id, 'dispose', none, row.version));
  });
  const when = useTime((now) => (row.eta === undefined ? 'soon' : clockTime(row.eta, now)));
  const ahead = useTime((now) => (row.eta === undefined ? '' : expectedIn(row.eta, now)));
  const who = row.name ?? 'Name not known';
  return (
    <li onBlur={left} onKeyDown={once}>
      <b className="number">{when}</b> <span className="number">{ahead}</span>{' '}
      <b>
        <bdi>{who}</bdi>
      </b>{' '}
      <span className="number">
        {agesex(row)}
        {row.birthDate && ` born ${day(row.birthDate)}`}
      </span>{' '}
      {row.complaint}{' '}
      {row.patient && asked !== 'none' && (
        <Button key="came" size="compact-sm" onClick={press('came')} disabled={act.isPending}>
          {asked ? 'Yes, has arrived' : 'Has arrived'}
          <span className="hidden">: {who}</span>
        </Button>
      )}{' '}
      {asked !== 'came' && (
        <Button
          key="none"
          size="compact-sm"
          variant="default"
          onClick={press('none')}
          disabled={act.isPending}
        >
          {asked ? 'Yes, did not come' : 'Did not come'}
          <span className="hidden">: {who}</span>
        </Button>
      )}{' '}
      {asked && (
        <Button
          key="no"
          size="compact-sm"
          variant="default"
          onClick={(event) => {
            if (!isAnswer(event.detail)) return;
            // The button that asked stays, and takes the focus of the one that goes.
            event.currentTarget.closest('li')?.querySelector('button')?.focus();
            forget();
          }}
        >
          No<span className="hidden">, nothing of the kind: {who}</span>
        </Button>
      )}
      {act.error && <FaultNote fault={act.error} wrote />}
    </li>
  );
}
