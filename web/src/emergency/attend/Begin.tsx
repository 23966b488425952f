import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useFhir } from '../../session/SessionContext.tsx';
import { FaultNote } from '../../shell/FaultNote.tsx';
import type { Attendance } from '../board/board.ts';
import { boardKey, useOrganization } from '../board/useBoard.ts';
import type { Part } from '../wire.ts';

/** Says that a clinician has begun to treat somebody who was waiting. */
export function Begin({ row }: { row: Attendance }) {
  const fhir = useFhir();
  const queries = useQueryClient();
  const organization = useOrganization();
  const begin = useMutation({
    mutationFn: () => {
      const parts: Part[] = [{ name: 'started', valueBoolean: true }];
      if (row.version) parts.push({ name: 'version', valueString: row.version });
      return fhir.operation(`Encounter/${row.id}/$assess`, parts);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: boardKey(organization) }),
  });
  // Who does not see how urgent they are cannot begin: the server asks for an acuity first.
  if (row.acuity === undefined || row.phase === 'in-treatment') return null;
  return (
    <>
      <Button variant="default" onClick={() => begin.mutate()} disabled={begin.isPending}>
        Treatment begins
      </Button>
      {begin.error && <FaultNote fault={begin.error} wrote />}
    </>
  );
}
