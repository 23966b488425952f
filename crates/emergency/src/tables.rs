//! Which tables a board works by, and whose they are.

use crate::Context;
use crate::report::Report;

/// The triage scheme whose waits and intervals count, and the clocks.
pub(crate) fn tell(context: &Context<'_>, report: &mut Report) {
    let (scheme, mut parts) = (context.rules.triage(), Report::default());
    parts.code("id", &scheme.header.id);
    parts.text("title", &scheme.header.title);
    if context.library().is_own(&scheme.header.id) {
        parts.flag("own", true);
    }
    report.parts("triage-scheme", parts);
    report.parts("clocks", clocks(context));
}

/// Which clocks run for who comes now, and whose table that is.
fn clocks(context: &Context<'_>) -> Report {
    let (targets, mut parts) = (context.rules.targets(), Report::default());
    parts.code("id", &targets.header.id);
    parts.text("version", &targets.header.version);
    parts.text("title", &targets.header.title);
    if context.library().is_own(&targets.header.id) {
        parts.flag("own", true);
    }
    for clock in targets.of(context.now()) {
        let mut told = Report::default();
        told.code("id", &clock.id);
        told.text("title", &clock.title);
        told.count("minutes", clock.minutes);
        parts.parts("clock", told);
    }
    parts
}
