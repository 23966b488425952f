import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FhirError } from '../../fhir/outcome.ts';
import { useFhir } from '../../session/SessionContext.tsx';
import type { Attendance } from '../board/board.ts';
import { boardKey, useOrganization } from '../board/useBoard.ts';
import { noteOutcome } from '../outcome.ts';
import { type Draft, parameters } from './draft.ts';
import { dropDraft } from './drafts.ts';
import { resultOf } from './result.ts';

/** Stores an assessment; what is refused or has no answer stays typed. */
export function useSend(row: Attendance, child: boolean) {
  const fhir = useFhir();
  const queries = useQueryClient();
  const organization = useOrganization();
  const send = useMutation({
    mutationFn: (draft: Draft) =>
      fhir.operation(`Encounter/${row.id}/$assess`, parameters(draft, { ...row, child }, false)),
    onSuccess: (answer, sent) => {
      dropDraft(row.id, sent);
      const { scored, total, scheme, label } = resultOf(answer);
      const score =
        scored && total !== undefined ? ` ${scheme.id.toUpperCase()} ${total}, ${label}.` : '';
      noteOutcome(row.id, `The assessment is stored.${score}`);
      void queries.invalidateQueries({ queryKey: boardKey(organization) });
      void queries.invalidateQueries({ queryKey: ['attendance', row.id] });
    },
    // What is there now has to be seen before it is decided what becomes of what was typed.
    onError: () => {
      void queries.invalidateQueries({ queryKey: boardKey(organization) });
      void queries.invalidateQueries({ queryKey: ['attendance', row.id] });
    },
  });
  const status = send.error instanceof FhirError ? send.error.status : undefined;
  return { send, second: status === 412 || status === 409, lost: status === 0 };
}
