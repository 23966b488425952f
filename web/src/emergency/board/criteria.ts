const PEOPLE =
  'Encounter?class=EMER&status=planned,arrived,triaged,in-progress,onleave,finished,cancelled,entered-in-error';
const DUE = 'Task?status=requested,in-progress';

/** What is listened to: people in the department, and to those who act what is due for them. */
export function criteriaOf(role: string | undefined): string[] {
  return role === 'registration' ? [PEOPLE] : [PEOPLE, DUE];
}
