import { Button } from '@mantine/core';
import { FaultNote } from '../../shell/FaultNote.tsx';
import type { Attendance } from '../board/board.ts';
import { actOn, useAct } from '../useAct.ts';
import { useAskedTwice } from '../useAskedTwice.ts';

/** Says that the review was made which a score asks for: the calls about it end. */
export function Reviewed({ row }: { row: Attendance }) {
  const act = useAct();
  const reviewed = [{ name: 'reviewed', valueBoolean: true }];
  const { asked, press, left } = useAskedTwice<'reviewed'>(() =>
    act.mutate(actOn(row.id, 'assess', reviewed, row.version)),
  );
  const isDue = [row.due, ...row.dueToo].some((due) => due?.what === 'review');
  if (!isDue) return null;
  return (
    <>
      <Button variant="default" onClick={press('reviewed')} onBlur={left} disabled={act.isPending}>
        {asked ? 'Yes, I have reviewed them' : 'Review is done'}
      </Button>
      {act.error && <FaultNote fault={act.error} wrote />}
    </>
  );
}
