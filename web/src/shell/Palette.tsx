import { useQuery } from '@tanstack/react-query';
import type { Patient } from 'fhir/r4';
import { type KeyboardEvent, useId, useState } from 'react';
import { SECTIONS } from '../chart/sections.ts';
import { entries } from '../fhir/client.ts';
import { formal, gender, pick } from '../fhir/name.ts';
import { Born, isOutOfUse } from '../fhir/person.tsx';
import { addressOf, recent } from '../find/opened.ts';
import { conditions, read } from '../find/typed.ts';
import { useFhir } from '../session/SessionContext.tsx';
import styles from './Palette.module.css';
import { go, useRoute } from './router.ts';
import { Sheet } from './Sheet.tsx';
import { site } from './site.ts';
import { useStore } from './store.ts';
import { askToSignOut } from './unsent.ts';

/** Something that can be chosen. */
interface Choice {
  key: string;
  label: React.ReactNode;
  hint: React.ReactNode;
  act: () => void;
}

/** Ctrl K: type a patient or an action, choose with the arrows, Enter. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState<string>();
  const id = useId();
  const { patients, looking, more } = usePatients(text);
  const actions = useActions().filter((c) =>
    String(c.label).toLowerCase().includes(text.trim().toLowerCase()),
  );
  const choices = text.trim() ? [...actions.slice(0, 4), ...patients] : [...patients, ...actions];
  // By its key: what arrives later must not slide under the choice that was made.
  const chosen = at === undefined ? 0 : choices.findIndex(({ key }) => key === at);
  const take = (choice: Choice | undefined) => {
    if (!choice) return;
    onClose();
    choice.act();
  };
  const pressed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const to = chosen < 0 ? 0 : (chosen + step + choices.length) % Math.max(1, choices.length);
      setAt(choices[to]?.key);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      take(choices[chosen]);
    }
  };
  return (
    <Sheet title="Find or do" onClose={onClose} bare>
      <input
        className={styles.input}
        role="combobox"
        aria-label="Find a patient or an action"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={choices[chosen] && `${id}-${chosen}`}
        placeholder="A patient, or something to do"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(undefined);
        }}
        onKeyDown={pressed}
      />
      <div id={id} role="listbox" aria-label="Choices" className={styles.list}>
        {choices.map((choice, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the field above
          <div
            key={choice.key}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === chosen}
            className={styles.choice}
            onClick={() => take(choice)}
          >
            <span>{choice.label}</span>
            <span className="soft small">{choice.hint}</span>
          </div>
        ))}
      </div>
      <div role="status">
        {looking && <p className={styles.none}>Looking …</p>}
        {!looking && choices.length === 0 && <p className={styles.none}>Nothing fits.</p>}
        {more && <p className={styles.none}>{more}</p>}
      </div>
    </Sheet>
  );
}

/** How many people fit. */
const MOST = 8;

/**
 * Who fits what is typed. Those who fitted less of it are gone at once: Enter must not open the
 * chart of somebody who no longer fits.
 */
function usePatients(text: string): { patients: Choice[]; looking: boolean; more: string } {
  const fhir = useFhir();
  const opened = useStore(recent);
  const asked = conditions(read(text), site().nationalIdentifier.system);
  const { data, isFetching } = useQuery({
    queryKey: ['palette', asked],
    enabled: asked !== undefined,
    queryFn: () =>
      fhir.search<Patient>('Patient', [
        ...(asked ?? []),
        ['_sort', 'family,given'],
        ['_count', `${MOST}`],
      ]),
  });
  const found = asked ? entries<Patient>(data, 'Patient') : [];
  const known = opened.map((o): Patient => ({ resourceType: 'Patient', id: o.id, ...o.known }));
  const patients = (asked ? found : text.trim() ? [] : known).map((patient) => ({
    key: patient.id ?? '',
    label: <bdi>{formal(pick(patient.name))}</bdi>,
    hint: (
      <>
        {isOutOfUse(patient) && '⚠ Out of use · '}
        <Born patient={patient} /> · {gender(patient)}
      </>
    ),
    act: () => go(addressOf(patient.id ?? '', patient)),
  }));
  const total = data?.total ?? 0;
  const more = total > MOST ? `The first ${MOST} of ${total} people. Type more to narrow.` : '';
  return { patients, looking: asked !== undefined && isFetching && !data, more };
}

function useActions(): Choice[] {
  const [page, key] = useRoute();
  const sections = page === 'chart' && key ? SECTIONS : [];
  const to = (label: string, address: string, hint: string): Choice => ({
    key: address,
    label,
    hint,
    act: () => go(address),
  });
  return [
    ...sections.map((s) => to(s.label, `/chart/${key}/${s.name}`, 'in this chart')),
    to('Find a patient', '/', 'page'),
    to('Emergency board', '/emergency', 'page'),
    to('New arrival', '/emergency/arrive', 'page'),
    { key: 'out', label: 'Sign out', hint: '', act: askToSignOut },
  ];
}
