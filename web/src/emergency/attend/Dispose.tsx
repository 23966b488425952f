import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useFhir } from '../../session/SessionContext.tsx';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { go } from '../../shell/router.ts';
import { Sheet } from '../../shell/Sheet.tsx';
import { Choice } from '../assess/Fields.tsx';
import type { Attendance } from '../board/board.ts';
import { boardKey, useOrganization } from '../board/useBoard.ts';
import { Doubts, ScoreText } from '../parts.tsx';
import type { Part } from '../wire.ts';
import { wordsOf } from '../words.ts';
import styles from './Attend.module.css';

const WAYS = [
  'home',
  'admitted',
  'transferred',
  'left-without-being-seen',
  'died',
  'registered-in-error',
];

/** What appears in the place of the button that was pressed takes its focus. */
const focus = (box: HTMLElement | null) => box?.focus();

/**
 * How an attendance ends. The server has no way back from it, so it is said once more before it is
 * done, with the name of whom it is about.
 */
export function Dispose({ row, onDone }: { row: Attendance; onDone: () => void }) {
  const fhir = useFhir();
  const queries = useQueryClient();
  const organization = useOrganization();
  const [way, setWay] = useState<string>();
  const [note, setNote] = useState('');
  const [sure, setSure] = useState(false);
  // What is decided is decided of what was seen: a version that came later was not.
  const [seen, setSeen] = useState(row.version);
  const changed = row.version !== seen;
  const end = useMutation({
    mutationFn: () => {
      const parts: Part[] = [{ name: 'disposition', valueCode: way ?? '' }];
      if (note.trim()) parts.push({ name: 'note', valueString: note.trim() });
      if (seen) parts.push({ name: 'version', valueString: seen });
      return fhir.operation(`Encounter/${row.id}/$dispose`, parts);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: boardKey(organization) }),
  });
  return (
    <Sheet title="End the attendance" onClose={onDone}>
      <Choice
        legend="How does it end?"
        name="way"
        value={way}
        choices={WAYS.map((code) => ({ code, title: wordsOf(code) }))}
        onChange={(code) => {
          setWay(code);
          setSure(false);
        }}
      />
      <label className={styles.field}>
        Note
        <textarea rows={2} value={note} onChange={(event) => setNote(event.target.value)} />
      </label>
      {end.error && <FaultNote fault={end.error} wrote />}
      {changed && (
        <div className={styles.sure} role="alert">
          <p>
            <b>This attendance was changed meanwhile.</b>{' '}
            {row.score && <ScoreText score={row.score} row={row} />} <Doubts row={row} />
            {row.due && <> Due: {wordsOf(row.due.what)}.</>} Does it still end?
          </p>
          <Button
            variant="default"
            onClick={() => {
              setSeen(row.version);
              setSure(false);
            }}
          >
            I have looked at it
          </Button>
        </div>
      )}
      {sure && way ? (
        <div className={styles.sure} role="alert" tabIndex={-1} ref={focus}>
          <p>
            <b>
              <bdi>{row.name ?? 'This person'}</bdi>: {wordsOf(way).toLowerCase()}.
            </b>{' '}
            They leave the board, and this cannot be undone here.
          </p>
          <div className={styles.actions}>
            <Button
              // Told with the call: whoever has gone elsewhere meanwhile stays there.
              onClick={() => end.mutate(undefined, { onSuccess: () => go('/emergency') })}
              disabled={end.isPending || changed}
            >
              {end.isPending ? 'Ending …' : 'End the attendance now'}
            </Button>
            <Button variant="default" onClick={() => setSure(false)}>
              Change
            </Button>
          </div>
        </div>
      ) : (
        <div className={styles.actions}>
          <Button onClick={() => setSure(true)} disabled={!way || changed}>
            Go on
          </Button>
          <Button variant="default" onClick={onDone}>
            Keep the attendance open
          </Button>
        </div>
      )}
    </Sheet>
  );
}
