/** The sections of a chart, in the order in which they are read. */
export const SECTIONS = [
  { name: 'summary', label: 'Summary' },
  { name: 'problems', label: 'Problems' },
  { name: 'medicines', label: 'Medicines' },
  { name: 'results', label: 'Results' },
  { name: 'documents', label: 'Documents' },
  { name: 'visits', label: 'Visits' },
  { name: 'timeline', label: 'Timeline' },
] as const;

/** What a section is called; what is no section is shown as none. */
export const labelOf = (name: string) =>
  SECTIONS.find((section) => section.name === name)?.label ?? 'Not here';
