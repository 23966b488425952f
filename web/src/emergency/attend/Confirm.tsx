import { Button } from '@mantine/core';
import type { Patient } from 'fhir/r4';
import { useState } from 'react';
import { formal, pick } from '../../fhir/name.ts';
import { Born } from '../../fhir/person.tsx';
import { useRole } from '../../session/who.ts';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { Finder } from '../arrive/Finder.tsx';
import type { Attendance } from '../board/board.ts';
import { actOn, useAct } from '../useAct.ts';
import { refer } from '../wire.ts';
import styles from './Attend.module.css';

/**
 * Somebody who checked in themselves, taken down as a new person. The desk finds out whether they
 * are in the record already, and joins the two; who treats them can say that what was typed is right.
 */
export function Confirm({ row }: { row: Attendance }) {
  const desk = useRole() === 'registration';
  const [looking, setLooking] = useState(false);
  const [other, setOther] = useState<Patient>();
  // Whom was looked at is whom is confirmed, also if somebody else changes the row meanwhile.
  const [chosenAt, setChosenAt] = useState<string>();
  const act = useAct();
  const confirm = (patient?: Patient) => {
    const parts = patient ? [refer('patient', `Patient/${patient.id}`)] : [];
    const seen = patient ? chosenAt : row.version;
    act.mutate(actOn(row.id, 'confirm-identity', parts, seen));
  };
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
      {act.error && <FaultNote fault={act.error} wrote />}
      {other ? (
        <div className={styles.actions}>
          <p>
            <b>
              <bdi>{formal(pick(other.name))}</bdi>
            </b>{' '}
            <Born patient={other} />
          </p>
          <Button onClick={() => confirm(other)} disabled={act.isPending}>
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
          <Button variant="default" onClick={() => confirm()} disabled={act.isPending}>
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
