import { useQuery } from '@tanstack/react-query';
import type { Attachment, Binary, DocumentReference } from 'fhir/r4';
import { useEffect, useRef, useState } from 'react';
import { words } from '../../fhir/codes.ts';
import { moment } from '../../fhir/dates.ts';
import { Named } from '../../fhir/Named.tsx';
import { useFhir } from '../../session/SessionContext.tsx';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { Lines } from '../../shell/Lines.tsx';
import { Stands } from '../parts/Stands.tsx';
import { binaryOf, bytes, fileName, isText, textOf } from './attachment.ts';
import styles from './DocumentsSection.module.css';

/** A document: who wrote it, when, and what it says. Focus goes to it when it is opened. */
export function Reader({ document }: { document: DocumentReference }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <article className={styles.reader}>
      <header>
        <h3 ref={heading} tabIndex={-1}>
          <Stands of={document}>
            {words(document.type) ?? document.description ?? 'Document'}
          </Stands>
        </h3>
        <p className="soft small">
          {moment(document.date)} · <Named reference={document.author?.[0]} /> ·{' '}
          <Named reference={document.custodian} />
        </p>
      </header>
      {document.content.map(({ attachment }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: attachments have no identity of their own
        <Content key={i} attachment={attachment} />
      ))}
    </article>
  );
}

function Content({ attachment }: { attachment: Attachment }) {
  const fhir = useFhir();
  const url = attachment.data ? undefined : attachment.url;
  const here = binaryOf(url, fhir.base);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['binary', url],
    enabled: here !== undefined,
    queryFn: () => fhir.get<Binary>(here ?? ''),
  });
  if (url && !here) return <p>This document is kept elsewhere and is not fetched from there.</p>;
  if (url && isPending) return <Lines />;
  if (error) return <FaultNote fault={error} retry={() => void refetch()} />;
  const type = attachment.contentType ?? data?.contentType ?? '';
  const encoded = attachment.data ?? data?.data;
  if (!encoded) return <p>Nothing is attached.</p>;
  if (isText(type)) return <p className={styles.text}>{textOf(encoded, type)}</p>;
  return <Save encoded={encoded} type={type} name={fileName(attachment.title, type)} />;
}

/** What cannot be read as text is handed over as a file; nothing of it runs in this page. */
function Save({ encoded, type, name }: { encoded: string; type: string; name: string }) {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(
      new Blob([bytes(encoded)], { type: 'application/octet-stream' }),
    );
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [encoded]);
  return (
    <p>
      <a href={address} download={name}>
        Save this document
      </a>{' '}
      <span className="soft">({type || 'kind not told'})</span>
    </p>
  );
}
