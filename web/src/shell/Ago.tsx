import { useTime } from '../emergency/ticking.ts';
import { ago, moment } from '../fhir/dates.ts';

/** How long ago something was, which goes on while one looks at it; the instant on pointing at it. */
export function Ago({ at, className }: { at: string | undefined; className?: string }) {
  const told = useTime((now) => ago(at, new Date(now)));
  if (told === undefined) return null;
  return (
    <time className={className} dateTime={at} title={moment(at)}>
      {told}
    </time>
  );
}
