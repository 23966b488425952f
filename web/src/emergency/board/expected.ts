import { type Part, refer } from '../wire.ts';
import type { Attendance } from './board.ts';

/**
 * The parameters of `$arrive` for somebody who was expected, and is here now. The server keeps what
 * was announced where nothing else is said: so nothing is, but that the ambulance has come.
 */
export function cameParts(row: Attendance, organization: string): Part[] {
  const parts = [
    refer('patient', `Patient/${row.patient}`),
    refer('organization', `Organization/${organization}`),
  ];
  if (row.mode === 'pre-alert') parts.push({ name: 'mode', valueCode: 'ambulance' });
  return parts;
}
