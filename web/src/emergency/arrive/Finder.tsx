import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Patient } from 'fhir/r4';
import { useDeferredValue, useState } from 'react';
import { entries } from '../../fhir/client.ts';
import { formal, gender, pick } from '../../fhir/name.ts';
import { Born, national } from '../../fhir/person.tsx';
import { hits } from '../../find/hits.ts';
import { conditions, read } from '../../find/typed.ts';
import { useFhir } from '../../session/SessionContext.tsx';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { Lines } from '../../shell/Lines.tsx';
import { follow } from '../../shell/router.ts';
import { site } from '../../shell/site.ts';
import styles from './Arrive.module.css';

/** How many people fit. */
const MOST = 12;

/** Finds who it is among those whom the asker may see. */
export function Finder({ onFound }: { onFound: (patient: Patient) => void }) {
  const fhir = useFhir();
  const [text, setText] = useState('');
  const asked = conditions(read(useDeferredValue(text)), site().nationalIdentifier.system);
  const { data, error, isFetching } = useQuery({
    queryKey: ['arrive', asked],
    enabled: asked !== undefined,
    queryFn: () =>
      fhir.search<Patient>('Patient', [
        ...(asked ?? []),
        // Nobody arrives under a record that another took the place of.
        ['active:not', 'false'],
        ['_sort', 'family,given'],
        ['_count', `${MOST}`],
      ]),
  });
  const people = entries<Patient>(data, 'Patient');
  return (
    <>
      <TextInput
        size="md"
        label="Who is it?"
        description={`Name and birth date, or ${site().nationalIdentifier.label}, in any order`}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        autoFocus
      />
      {error && <FaultNote fault={error} />}
      {asked && isFetching && !data && <Lines count={3} />}
      <ul className={styles.people}>
        {people.map((person) => (
          <li key={person.id}>
            <button type="button" onClick={() => onFound(person)}>
              <b>
                <bdi>{formal(pick(person.name))}</bdi>
              </b>
              <Born patient={person} />
              <span>{gender(person)}</span>
              <span className="number">{national(person)}</span>
            </button>
          </li>
        ))}
      </ul>
      <p role="status" className="soft">
        {asked && data && hits(people.length, data.total)}
      </p>
      <p className="soft small">
        Not in the list?{' '}
        <a href="/" onClick={follow('/')}>
          Trace or register them under Patients
        </a>
        , then come back here.
      </p>
    </>
  );
}
