//! The set of patients of a large organisation: made at once, then kept up.

use std::io::{self, Write};
use std::time::Instant;

use accord_access::{Fact, PolicyIndex};
use accord_base::{LogTime, OrgOrd, PatientOrd, Row};

/// Patients of the organisation.
const PATIENTS: u32 = 100_000;
/// Changes timed once the set is there.
const CHANGES: u32 = 1000;

/// Times the set of an organisation that cares for 100,000 patients.
pub(super) fn run(out: &mut impl Write) -> io::Result<()> {
    let organization = OrgOrd(1);
    let cares = |patient| {
        let (from, until) = (LogTime(0), LogTime::NEVER);
        [Fact::OrganizationCares { patient: PatientOrd(patient), organization, from, until }]
    };
    let facts: Vec<_> = (0..PATIENTS).map(|n| (Row(n), cares(n))).collect();
    let made = || {
        let (mut index, begun) = (PolicyIndex::new(), Instant::now());
        for (row, fact) in &facts {
            index.apply(*row, organization, fact);
        }
        (index, begun.elapsed())
    };
    let cold = made().1;
    // Again, with what the allocator then has at hand: without faults of pages.
    let mut again: Vec<_> = (0..5).map(|_| made().1).collect();
    again.sort();
    let again = again.first().copied().unwrap_or_default();
    let mut index = made().0;
    let begun = Instant::now();
    for n in 0..CHANGES {
        index.apply(Row(PATIENTS + n), organization, &cares(PATIENTS + n));
    }
    let kept = begun.elapsed() / CHANGES;
    let held = index.organization_cares(organization);
    if !held.contains(PatientOrd(PATIENTS + CHANGES - 1)) {
        return Err(io::Error::other("the set lacks a patient"));
    }
    let (cold, again) = (cold.as_secs_f64() * 1e3, again.as_secs_f64() * 1e3);
    writeln!(out, "set of {PATIENTS} patients: {cold:.1} ms cold, {again:.1} ms in used memory")?;
    writeln!(out, "one more patient: {:.2} µs", kept.as_secs_f64() * 1e6)
}
