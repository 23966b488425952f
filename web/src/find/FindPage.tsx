import { TextInput } from '@mantine/core';
import { useDeferredValue, useState } from 'react';
import { useRole } from '../session/who.ts';
import { useTitle } from '../shell/router.ts';
import { site } from '../shell/site.ts';
import styles from './FindPage.module.css';
import { Found } from './Found.tsx';
import { HereNow } from './HereNow.tsx';
import { RegisterForm } from './RegisterForm.tsx';
import { TraceForm } from './TraceForm.tsx';
import { conditions, read } from './typed.ts';

/** Finding somebody: among those I may see, then by tracing, then by registering. */
export function FindPage() {
  useTitle('Patients', site().name);
  const [text, setText] = useState('');
  const [more, setMore] = useState<'trace' | 'register'>();
  const role = useRole();
  const asked = conditions(read(useDeferredValue(text)), site().nationalIdentifier.system);
  const { label } = site().nationalIdentifier;
  return (
    <div className={styles.page}>
      <section className={styles.main}>
        <h1 className="hidden">Patients</h1>
        <TextInput
          size="md"
          label="Find a patient"
          description={`Name, birth date, ${label} or hospital number, in any order`}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          autoFocus
        />
        {asked ? <Found asked={asked} onTrace={() => setMore('trace')} /> : <HereNow />}
      </section>
      <aside className={styles.aside}>
        <section className={styles.card}>
          <h2>Not in your list?</h2>
          <p className="soft small">
            You find those you care for. Somebody else is found by what only they can tell you;
            nothing is opened by that.
          </p>
          <TraceForm open={more === 'trace'} onOpen={() => setMore('trace')} />
        </section>
        {role === 'registration' && (
          <section className={styles.card}>
            <h2>New here?</h2>
            <RegisterForm open={more === 'register'} onOpen={() => setMore('register')} />
          </section>
        )}
      </aside>
    </div>
  );
}
