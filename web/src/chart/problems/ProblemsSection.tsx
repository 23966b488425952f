import type { Condition } from 'fhir/r4';
import { firstWords, has, isMarker, words } from '../../fhir/codes.ts';
import { Named } from '../../fhir/Named.tsx';
import { usePages } from '../pages.ts';
import { Pages } from '../parts/Pages.tsx';
import { Cell, Table } from '../parts/Table.tsx';
import { abatement, onset } from './problem.ts';

const HEAD = ['Problem', 'Status', 'Since', 'Until', 'Kind', 'Asserted by'];
const [, STATUS = '', SINCE = '', UNTIL = '', KIND = '', BY = ''] = HEAD;

/** All problems and diagnoses; those that last come first. */
export function ProblemsSection({ id }: { id: string }) {
  const paged = usePages<Condition>(id, 'Condition', '_sort=clinical-status,-onset-date&_count=50');
  return (
    <Pages title="Problems" paged={paged} empty="No problem is recorded.">
      <Table caption="Problems" head={HEAD}>
        {paged.items.map((problem) => (
          <Problem key={problem.id} problem={problem} />
        ))}
      </Table>
    </Pages>
  );
}

function Problem({ problem }: { problem: Condition }) {
  if (isMarker(problem)) {
    return (
      <tr>
        <th scope="row" colSpan={HEAD.length}>
          <em className="soft">Sealed entry</em>
        </th>
      </tr>
    );
  }
  const unsure = has(problem.verificationStatus, 'provisional', 'differential', 'unconfirmed');
  const wrong = has(problem.verificationStatus, 'refuted', 'entered-in-error');
  const name = words(problem.code) ?? 'Not named';
  return (
    <tr>
      <th scope="row">
        {wrong ? <s>{name}</s> : name}
        {unsure && (
          <span className="soft"> ({words(problem.verificationStatus)?.toLowerCase()})</span>
        )}
        {wrong && (
          <span className="soft"> ({words(problem.verificationStatus)?.toLowerCase()})</span>
        )}
      </th>
      <Cell of={STATUS}>{words(problem.clinicalStatus)}</Cell>
      <Cell of={SINCE}>
        <span className="number whole">{onset(problem)}</span>
      </Cell>
      <Cell of={UNTIL}>
        <span className="number whole">{abatement(problem)}</span>
      </Cell>
      <Cell of={KIND}>{firstWords(problem.category)}</Cell>
      <Cell of={BY}>
        <Named reference={problem.asserter ?? problem.recorder} />
      </Cell>
    </tr>
  );
}
