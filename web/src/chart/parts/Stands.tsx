import type { FhirResource } from 'fhir/r4';
import type { ReactNode } from 'react';
import { type Standing, standing } from '../standing.ts';
import styles from './Stands.module.css';

/** A name with how far it holds: what is not so says it first, what was wrong is struck out. */
export function Stands({ of, children }: { of: FhirResource; children: ReactNode }) {
  return <Told as={standing(of)}>{children}</Told>;
}

/** The same where the standing is known. */
export function Told({
  as: { wrong, not, mark },
  children,
}: {
  as: Standing;
  children: ReactNode;
}) {
  return (
    <>
      {not && <strong className={styles.not}>{not}: </strong>}
      {wrong ? <s>{children}</s> : children}
      {mark && <span className={styles.mark}> ({mark})</span>}
    </>
  );
}
