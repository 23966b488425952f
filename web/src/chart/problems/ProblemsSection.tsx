import type { Condition } from 'fhir/r4';
import { firstWords, words } from '../../fhir/codes.ts';
import { Named } from '../../fhir/Named.tsx';
import { usePages } from '../pages.ts';
import { Entries, When } from '../parts/Entries.tsx';
import { abatement, onset } from './problem.ts';

/** All problems and diagnoses; those that last come first. */
export function ProblemsSection({ id }: { id: string }) {
  const paged = usePages<Condition>(id, 'Condition', '_sort=clinical-status,-onset-date&_count=50');
  return (
    <Entries
      title="Problems"
      paged={paged}
      empty="No problem is recorded."
      first="Problem"
      name={(problem) => words(problem.code) ?? 'Not named'}
      columns={COLUMNS}
    />
  );
}

const COLUMNS = [
  ['Status', (problem: Condition) => words(problem.clinicalStatus)],
  ['Since', (problem: Condition) => <When>{onset(problem)}</When>],
  ['Until', (problem: Condition) => <When>{abatement(problem)}</When>],
  ['Kind', (problem: Condition) => firstWords(problem.category)],
  [
    'Asserted by',
    (problem: Condition) => <Named reference={problem.asserter ?? problem.recorder} />,
  ],
] as const;
