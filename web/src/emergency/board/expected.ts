import type { Part } from '../wire.ts';
import type { Attendance } from './board.ts';

/** The parameters of `$arrive` for somebody who was expected, and is here now. */
export function cameParts(row: Attendance, organization: string): Part[] {
  const refer = (name: string, reference: string): Part => ({
    name,
    valueReference: { reference },
  });
  const parts = [
    refer('patient', `Patient/${row.patient}`),
    refer('organization', `Organization/${organization}`),
    { name: 'mode', valueCode: 'ambulance' },
    { name: 'complaint', valueString: row.complaint ?? 'Announced by ambulance' },
  ];
  if (row.area) parts.push(refer('area', `Location/${row.area.id}`));
  return parts;
}
