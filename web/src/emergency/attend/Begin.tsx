import { Button } from '@mantine/core';
import { FaultNote } from '../../shell/FaultNote.tsx';
import type { Attendance } from '../board/board.ts';
import { actOn, useAct } from '../useAct.ts';

/** Says that a clinician has begun to treat somebody who was waiting. */
export function Begin({ row }: { row: Attendance }) {
  const act = useAct();
  // Who does not see how urgent they are cannot begin: the server asks for an acuity first.
  if (row.acuity === undefined || row.phase === 'in-treatment') return null;
  const started = [{ name: 'started', valueBoolean: true }];
  return (
    <>
      <Button
        variant="default"
        onClick={() => act.mutate(actOn(row.id, 'assess', started, row.version))}
        disabled={act.isPending}
      >
        Treatment begins
      </Button>
      {act.error && <FaultNote fault={act.error} wrote />}
    </>
  );
}
