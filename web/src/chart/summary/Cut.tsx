/** That there is more than is shown, or that nothing of what is there is open. */
export function Cut({ shown, kinds }: { shown: number; kinds: number }) {
  if (kinds === 0) {
    return <p className="soft">What is recorded is sealed, cancelled or entered in error.</p>;
  }
  if (kinds <= shown) return null;
  return (
    <p className="soft small">
      {shown} of {kinds} kinds shown; all are in Results.
    </p>
  );
}
