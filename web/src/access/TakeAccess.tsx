import { Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Parameters, ParametersParameter } from 'fhir/r4';
import { type FormEvent, useState } from 'react';
import { useFhir } from '../session/SessionContext.tsx';
import { useRole } from '../session/who.ts';
import { FaultNote } from '../shell/FaultNote.tsx';
import { type Claim, noteClaim } from './claims.ts';
import styles from './TakeAccess.module.css';

type Kind = Claim['kind'];

interface Props {
  patient: string;
  onTaken: () => void;
  /** Only the breaking of the glass, where a relationship is there already. */
  emergencyOnly?: boolean;
}

const REASONS = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';

/** Takes access with a reason: a relationship for a day, or breaking the glass for four hours. */
export function TakeAccess({ patient, onTaken, emergencyOnly = false }: Props) {
  const fhir = useFhir();
  const queries = useQueryClient();
  const clinician = useRole() !== 'pharmacist';
  const [kind, setKind] = useState<Kind>(emergencyOnly ? 'break-glass' : 'claim');
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const take = useMutation({
    mutationFn: async ({ kind, reason }: { kind: Kind; reason: string }) => {
      const asked = `Patient/${patient}/$${kind}`;
      return (await fhir.operation(asked, parameters(kind, reason))) as Parameters;
    },
    onSuccess: (answer, { kind }) => {
      noteClaim({ patient, kind, until: until(answer) });
      void queries.invalidateQueries();
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    setMissing(!reason.trim());
    // With the call, since whoever has gone elsewhere meanwhile must not be fetched back.
    if (reason.trim()) take.mutate({ kind, reason }, { onSuccess: onTaken });
  };
  return (
    <form className={styles.form} onSubmit={send} noValidate>
      {!emergencyOnly && clinician && (
        <fieldset className={styles.kinds}>
          <legend>Take access</legend>
          <Choice kind="claim" chosen={kind} onChoose={setKind} label="I care for this person">
            Opens the record for a day, but nothing that the person has closed.
          </Choice>
          <Choice kind="break-glass" chosen={kind} onChoose={setKind} label="It is an emergency">
            Breaks the glass: opens also what the person has closed to you, for four hours.
          </Choice>
        </fieldset>
      )}
      <Textarea
        label="Reason"
        description="The patient and the privacy officer will read it"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={missing && 'A reason in words is needed'}
        rows={2}
        required
      />
      <p className="soft small">
        The patient is told who took access, when and why, and it is reviewed.
      </p>
      <Button
        type="submit"
        disabled={take.isPending}
        color={kind === 'claim' ? undefined : 'danger'}
      >
        {kind === 'claim' ? 'Take access for a day' : 'Break the glass'}
      </Button>
      {take.error && <FaultNote fault={take.error} wrote />}
    </form>
  );
}

interface ChoiceProps {
  kind: Kind;
  chosen: Kind;
  onChoose: (kind: Kind) => void;
  label: string;
  children: string;
}

function Choice({ kind, chosen, onChoose, label, children }: ChoiceProps) {
  return (
    <label className={styles.choice}>
      <input type="radio" name="kind" checked={kind === chosen} onChange={() => onChoose(kind)} />
      <span>
        <strong>{label}</strong>
        <br />
        <span className="soft small">{children}</span>
      </span>
    </label>
  );
}

function parameters(kind: Kind, reason: string): ParametersParameter[] {
  const words: ParametersParameter = { name: 'reason', valueString: reason.trim() };
  if (kind === 'claim') return [words];
  return [{ name: 'reasonCode', valueCoding: { system: REASONS, code: 'ETREAT' } }, words];
}

function until(answer: Parameters): string | undefined {
  return answer.parameter?.find((p) => p.name === 'until')?.valueInstant;
}
