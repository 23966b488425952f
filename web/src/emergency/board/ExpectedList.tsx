import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { day } from '../../fhir/dates.ts';
import { useFhir } from '../../session/SessionContext.tsx';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { agesex, Until } from '../parts.tsx';
import { useTime } from '../ticking.ts';
import { clockTime } from '../times.ts';
import styles from './Board.module.css';
import type { Attendance } from './board.ts';
import { cameParts } from './expected.ts';
import { boardKey, useOrganization } from './useBoard.ts';

/** Who is announced and not here yet: not among those who wait, and nothing runs for them. */
export function ExpectedList({ rows }: { rows: readonly Attendance[] }) {
  return (
    <section aria-labelledby="expected" className={styles.expected}>
      <h2 id="expected">Expected</h2>
      <ul>
        {rows.map((row) => (
          <One key={row.id} row={row} />
        ))}
      </ul>
    </section>
  );
}

function One({ row }: { row: Attendance }) {
  const fhir = useFhir();
  const queries = useQueryClient();
  const organization = useOrganization();
  const [sure, setSure] = useState(false);
  const act = useMutation({
    mutationFn: (came: boolean) => {
      if (came) return fhir.operation('Encounter/$arrive', cameParts(row, organization ?? ''));
      const version = row.version ? [{ name: 'version', valueString: row.version }] : [];
      const disposition = { name: 'disposition', valueCode: 'did-not-come' };
      return fhir.operation(`Encounter/${row.id}/$dispose`, [disposition, ...version]);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: boardKey(organization) }),
  });
  const when = useTime((now) => (row.eta === undefined ? 'soon' : clockTime(row.eta, now)));
  const who = row.name ?? 'Name not known';
  return (
    <li>
      <b className="number">{when}</b> {row.eta !== undefined && <Until at={row.eta} />}{' '}
      <b>
        <bdi>{who}</bdi>
      </b>{' '}
      <span className="number">
        {agesex(row)}
        {row.birthDate && ` born ${day(row.birthDate)}`}
      </span>{' '}
      {row.complaint}{' '}
      {row.patient && (
        <Button size="compact-sm" onClick={() => act.mutate(true)} disabled={act.isPending}>
          Has arrived<span className="hidden">: {who}</span>
        </Button>
      )}{' '}
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => (sure ? act.mutate(false) : setSure(true))}
        disabled={act.isPending}
      >
        {sure ? 'Yes, did not come' : 'Did not come'}
        <span className="hidden">: {who}</span>
      </Button>
      {act.error && <FaultNote fault={act.error} wrote />}
    </li>
  );
}
