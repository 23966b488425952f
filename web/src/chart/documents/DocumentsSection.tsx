import type { DocumentReference } from 'fhir/r4';
import { useState } from 'react';
import { isMarker, words } from '../../fhir/codes.ts';
import { moment } from '../../fhir/dates.ts';
import { Named } from '../../fhir/Named.tsx';
import { usePages } from '../pages.ts';
import { Pages } from '../parts/Pages.tsx';
import { Stands } from '../parts/Stands.tsx';
import styles from './DocumentsSection.module.css';
import { Reader } from './Reader.tsx';

/** Letters and notes: the list, and beside it the one that is read. */
export function DocumentsSection({ id }: { id: string }) {
  const paged = usePages<DocumentReference>(id, 'DocumentReference', '_sort=-date&_count=50');
  const [open, setOpen] = useState<string>();
  const chosen = paged.items.find((document) => document.id === open);
  return (
    <Pages title="Documents" paged={paged} empty="No document is recorded.">
      <div className={styles.both}>
        <ul className={styles.list}>
          {paged.items.map((document) => (
            <li key={document.id}>
              <Entry
                document={document}
                open={document.id === open}
                onOpen={() => setOpen(document.id)}
              />
            </li>
          ))}
        </ul>
        {chosen ? (
          <Reader key={chosen.id} document={chosen} />
        ) : (
          <p className={styles.none}>Choose a document to read it here.</p>
        )}
      </div>
    </Pages>
  );
}

interface EntryProps {
  document: DocumentReference;
  open: boolean;
  onOpen: () => void;
}

function Entry({ document, open, onOpen }: EntryProps) {
  const sealed = isMarker(document);
  return (
    <button
      type="button"
      className={styles.entry}
      aria-pressed={open}
      disabled={sealed}
      onClick={onOpen}
    >
      <strong>
        {sealed ? (
          'Sealed document'
        ) : (
          <Stands of={document}>{words(document.type) ?? 'Document'}</Stands>
        )}
      </strong>
      <span className="soft small number">{moment(document.date)}</span>
      <span className="soft small">
        <Named reference={document.author?.[0]} />
      </span>
    </button>
  );
}
