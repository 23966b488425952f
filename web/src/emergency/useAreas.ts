import { useQuery } from '@tanstack/react-query';
import type { Location } from 'fhir/r4';
import { useMemo } from 'react';
import { has } from '../fhir/codes.ts';
import { useFhir } from '../session/SessionContext.tsx';
import { useOrganization } from './board/useBoard.ts';
import { placesOf } from './places.ts';
import { shortArea } from './words.ts';

/** A part of the department where people wait or are treated. */
export interface Area {
  id: string;
  name: string;
}

/** The areas of the department; a hospital that tells none has the department itself. */
export function useAreas(): Area[] {
  const fhir = useFhir();
  const organization = useOrganization();
  const { data } = useQuery(placesOf(fhir, organization));
  return useMemo(() => areasOf(data ?? []), [data]);
}

/**
 * Emergency rooms (v3-RoleCode `ER`) and the places inside them; a site or a building that stands
 * for the whole department is left out where it has parts.
 */
export function areasOf(locations: Location[]): Area[] {
  const held = locations.filter((l) => l.status !== 'inactive');
  const rooms = held.filter((l) => l.type?.some((type) => has(type, 'ER', 'ETU')));
  const ids = new Set(rooms.map((l) => `Location/${l.id}`));
  const inside = held.filter((l) => ids.has(l.partOf?.reference ?? ''));
  const parts = rooms.filter((l) => !has(l.physicalType, 'si', 'bu', 'lvl'));
  const found = inside.length > 0 ? inside : parts.length > 0 ? parts : rooms;
  return found
    .flatMap((l) => (l.id ? [{ id: l.id, name: shortArea(l.name ?? l.id) }] : []))
    .sort((a, b) => a.name.localeCompare(b.name));
}
