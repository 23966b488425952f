import { Button } from '@mantine/core';
import { useState } from 'react';
import { useRole } from '../../session/who.ts';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { go } from '../../shell/router.ts';
import { Sheet } from '../../shell/Sheet.tsx';
import { Choice } from '../assess/Fields.tsx';
import type { Attendance } from '../board/board.ts';
import { Doubts, ScoreText } from '../parts.tsx';
import { actOn, useAct } from '../useAct.ts';
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

/** What an end is called; who is being treated was seen. */
function wayOf(code: string, row: Attendance): string {
  const treated = code === 'left-without-being-seen' && row.status === 'in-progress';
  return treated ? 'Left before treatment was complete' : wordsOf(code);
}

/** What appears in the place of the button that was pressed takes its focus. */
const focus = (box: HTMLElement | null) => box?.focus();

/**
 * How an attendance ends. The server has no way back from it, so it is said once more before it is
 * done, with the name of whom it is about.
 */
export function Dispose({ row, onDone }: { row: Attendance; onDone: () => void }) {
  const [way, setWay] = useState<string>();
  const [note, setNote] = useState('');
  const [sure, setSure] = useState(false);
  // What is decided is decided of what was seen: a version that came later was not.
  const [seen, setSeen] = useState(row.version);
  const changed = row.version !== seen;
  // The server keeps a note of clinicians only.
  const notes = useRole() !== 'registration';
  const act = useAct();
  const end = () => {
    const parts: Part[] = [{ name: 'disposition', valueCode: way ?? '' }];
    if (note.trim()) parts.push({ name: 'note', valueString: note.trim() });
    // Told with the call: whoever has gone elsewhere meanwhile stays there.
    act.mutate(actOn(row.id, 'dispose', parts, seen), { onSuccess: () => go('/emergency') });
  };
  return (
    <Sheet title="End the attendance" onClose={onDone}>
      <Choice
        legend="How does it end?"
        name="way"
        value={way}
        choices={WAYS.map((code) => ({ code, title: wayOf(code, row) }))}
        onChange={(code) => {
          setWay(code);
          setSure(false);
        }}
      />
      {notes && (
        <label className={styles.field}>
          Note
          <textarea rows={2} value={note} onChange={(event) => setNote(event.target.value)} />
        </label>
      )}
      {act.error && <FaultNote fault={act.error} wrote />}
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
              <bdi>{row.name ?? 'This person'}</bdi>: {wayOf(way, row).toLowerCase()}.
            </b>{' '}
            They leave the board, and this cannot be undone here.
          </p>
          <div className={styles.actions}>
            <Button onClick={end} disabled={act.isPending || changed}>
              {act.isPending ? 'Ending …' : 'End the attendance now'}
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
