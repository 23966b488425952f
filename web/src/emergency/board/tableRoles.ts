/**
 * The roles of a table in so many words. Where the board is narrow, CSS makes blocks of its rows and
 * cells, and browsers then take their own roles away.
 */
export const ROLES = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  column: { role: 'columnheader' },
  person: { role: 'rowheader' },
  cell: { role: 'cell' },
} as const;
