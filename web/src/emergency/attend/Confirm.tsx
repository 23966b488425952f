import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Patient } from 'fhir/r4';
import { useState } from 'react';
import { formal, pick } from '../../fhir/name.ts';
import { Born } from '../../fhir/person.tsx';
import { useFhir } from '../../session/SessionContext.tsx';
import { useRole } from '../../session/who.ts';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { Finder } from '../arrive/Finder.tsx';
import type { Attendance } from '../board/board.ts';
import { boardKey, useOrganization } from '../board/useBoard.ts';
import type { Part } from '../wire.ts';
import styles from './Attend.module.css';

/**
 * Somebody who checked in themselves, taken down as a new person. The desk finds out whether they
 * are in the record already, and joins the two; who treats them can say that what was typed is right.
 */
export function Confirm({ row }: { row: Attendance }) {
  const fhir = useFhir();
  const desk = useRole() === 'registration';
  const queries = useQueryClient();
  const organization = useOrganization();
  const [looking, setLooking] = useState(false);
  const [other, setOther] = useState<Patient>();
  // Whom was looked at is whom is confirmed, also if somebody else changes the row meanwhile.
  const [chosenAt, setChosenAt] = useState<string>();
  const confirm = useMutation({
    mutationFn: (patient: Patient | undefined) => {
      const parts: Part[] = [];
      if (patient?.id) {
        parts.push({ name: 'patient', valueReference: { reference: `Patient/${patient.id}` } });
      }
      const seen = patient ? chosenAt : row.version;
      if (seen) parts.push({ name: 'version', valueString: seen });
      return fhir.operation(`Encounter/${row.id}/$confirm-identity`, parts);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: boardKey(organization) }),
  });
  if (!row.unconfirmed) return null;
  return (
    <section className={styles.card} aria-labelledby="identity">
      <h2 id="identity">! Identity not confirmed</h2>
      <p>
        Checked in by themselves{row.ticket && `, ticket ${row.ticket}`}, and taken down as a new
        person. Ask for name, birth date and address, and look at a document.{' '}
        {desk
          ? 'If they are in the record already, find them: the two become one.'
          : 'Whether they are in the record already is found out by the desk.'}
      </p>
      {confirm.error && <FaultNote fault={confirm.error} wrote />}
      {other ? (
        <div className={styles.actions}>
          <p>
            <b>
              <bdi>{formal(pick(other.name))}</bdi>
            </b>{' '}
            <Born patient={other} />
          </p>
          <Button onClick={() => confirm.mutate(other)} disabled={confirm.isPending}>
            The attendance is of this person
          </Button>
          <Button variant="default" onClick={() => setOther(undefined)}>
            Somebody else
          </Button>
        </div>
      ) : (
        <div className={styles.actions}>
          {desk && (
            <Button onClick={() => setLooking(!looking)} aria-expanded={looking}>
              Find them in the record …
            </Button>
          )}
          <Button
            variant="default"
            onClick={() => confirm.mutate(undefined)}
            disabled={confirm.isPending}
          >
            What they typed is right: a new person
          </Button>
        </div>
      )}
      {looking && !other && (
        <Finder
          onFound={(person) => {
            setOther(person);
            setChosenAt(row.version);
          }}
        />
      )}
    </section>
  );
}
