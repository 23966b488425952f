import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { TakeAccess } from '../access/TakeAccess.tsx';
import { useRole } from '../session/who.ts';
import note from '../shell/Note.module.css';
import { keepFocus, Sheet } from '../shell/Sheet.tsx';

/** Says that there is more than is shown, and no more than that; opens it in an emergency. */
export function SealedNote({ id, count }: { id: string; count: number | undefined }) {
  const [asking, setAsking] = useState(false);
  // The button goes with the note, once nothing is sealed any more.
  useEffect(() => keepFocus, []);
  const clinician = useRole() !== 'pharmacist';
  return (
    <div className={`${note.note} ${note.warn} ${note.row}`}>
      <p>
        <strong>{title(count)}</strong>{' '}
        {count === undefined
          ? 'There may be more than is shown.'
          : 'The patient has closed a part of this record; what it is about is not told. In an emergency you can open it with a reason.'}
      </p>
      {clinician && (
        <Button size="compact-sm" variant="default" onClick={() => setAsking(true)}>
          Break the glass …
        </Button>
      )}
      {asking && (
        <Sheet title="Break the glass" onClose={() => setAsking(false)}>
          <p>
            Opens what is sealed in this patient’s record to you, for four hours. Nothing is opened
            that is locked, or closed by law.
          </p>
          <TakeAccess patient={id} emergencyOnly onTaken={() => setAsking(false)} />
        </Sheet>
      )}
    </div>
  );
}

function title(count: number | undefined): string {
  if (count === undefined) return 'Whether entries are sealed could not be told.';
  return count === 1 ? 'One entry is sealed.' : `${count} entries are sealed.`;
}
