import type { Attachment, Patient } from 'fhir/r4';
import { useEffect, useMemo, useState } from 'react';
import { pick } from '../fhir/name.ts';
import styles from './Banner.module.css';
import { imageOf } from './photo.ts';

/** The person's photograph where the record has one; otherwise their initials. */
export function Photo({ patient }: { patient: Patient }) {
  const photo = patient.photo?.[0];
  const image = useImage(photo);
  const [broken, setBroken] = useState<string>();
  if (image && image !== broken) {
    return (
      <img className={styles.photo} src={image} alt="Photograph" onError={() => setBroken(image)} />
    );
  }
  return (
    <span className={styles.photo} aria-hidden="true">
      {initials(patient)}
    </span>
  );
}

/** An address of the picture that lives as long as it is shown. */
function useImage(photo: Attachment | undefined): string | undefined {
  const image = useMemo(() => imageOf(photo), [photo]);
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!image) return;
    const made = URL.createObjectURL(image);
    setAddress(made);
    return () => {
      URL.revokeObjectURL(made);
      setAddress(undefined);
    };
  }, [image]);
  return address;
}

function initials(patient: Patient): string {
  const name = pick(patient.name);
  return [name?.given?.[0], name?.family].map((part) => part?.charAt(0) ?? '').join('');
}
