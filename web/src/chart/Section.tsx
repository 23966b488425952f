import { Lines } from '../shell/Lines.tsx';
import { NotHere } from '../shell/NotHere.tsx';
import { DocumentsSection } from './documents/DocumentsSection.tsx';
import type { First } from './first.ts';
import { MedicinesSection } from './medicines/MedicinesSection.tsx';
import { ProblemsSection } from './problems/ProblemsSection.tsx';
import { ResultsSection } from './results/ResultsSection.tsx';
import { SealedNote } from './SealedNote.tsx';
import { SummarySection } from './summary/SummarySection.tsx';
import { TimelineSection } from './timeline/TimelineSection.tsx';
import { VisitsSection } from './visits/VisitsSection.tsx';

interface Props {
  id: string;
  chart: string;
  section: string;
  first: First | undefined;
}

/** The section that the address names. */
export function Section({ id, chart, section, first }: Props) {
  return (
    <>
      {first && first.sealed !== 0 && <SealedNote id={id} count={first.sealed} />}
      <Chosen id={id} chart={chart} section={section} first={first} />
    </>
  );
}

function Chosen({ id, chart, section, first }: Props) {
  switch (section) {
    case 'summary':
      return first ? <SummarySection chart={chart} first={first} /> : <Lines count={10} />;
    case 'problems':
      return <ProblemsSection id={id} />;
    case 'medicines':
      return <MedicinesSection id={id} />;
    case 'results':
      return <ResultsSection id={id} />;
    case 'documents':
      return <DocumentsSection id={id} />;
    case 'visits':
      return <VisitsSection id={id} />;
    case 'timeline':
      return <TimelineSection id={id} />;
    default:
      return <NotHere />;
  }
}
