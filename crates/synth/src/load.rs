//! Bodies for load generators: single creates and self-contained transactions.

use crate::bundle::{Outbox, Style};
use crate::data::{CONDITIONS, Condition, MEASURES, VISITS, measure};
use crate::draw::Draw;
use crate::json::Json;
use crate::moment::{HOUR, MINUTE, Moment};
use crate::population::Population;
use crate::profile::Profile;
use crate::resource::condition::{self, Diagnosed};
use crate::resource::encounter::{self, Visit};
use crate::resource::observation::{self, Finding, Observed};
use crate::resource::patient::{self, Registration};

/// The purposes of the streams that draw load.
const SINGLE: u64 = 10;
const BUNDLE: u64 = 11;

/// Entries of a [`transaction_body`] beside Observations: Patient, Encounter, Condition.
const OTHERS: usize = 3;

/// Body `n` of a series of creates: an Observation without an id about `patient` (an id, without
/// the type), with nothing else referred to. Equal arguments give equal bytes; bodies of different
/// `n` differ in value and instant.
pub fn observation_body(seed: u64, n: u64, patient: &str) -> String {
    let draw = Draw::new(seed, SINGLE, n);
    let subject = format!("Patient/{patient}");
    let at = before_now(&draw, n);
    let observed = Observed {
        subject: &subject,
        encounter: "",
        performer: "",
        at,
        issued: at,
        status: "final",
        finding: finding(&draw, n as usize, |what| draw.near(what.mid, what.spread)),
    };
    let mut json = Json::default();
    json.item(|j| {
        j.text("resourceType", "Observation");
        observation::write(j, &observed);
    });
    json.take()
}

/// Bundle `n` of a series of transactions of `entries` entries (at least three): a new Patient,
/// an Encounter, a Condition and Observations, all `POST`, that refer to each other by
/// `urn:uuid:` and to nothing else. Equal arguments give equal bytes.
pub fn transaction_body(seed: u64, n: u32, entries: usize) -> String {
    let until = Moment::from_log(Population::DEFAULT_UNTIL);
    let draw = Draw::new(seed, BUNDLE, u64::from(n));
    // The first patients have fixed ids and stories; a load has no use for them.
    let profile = Profile::new(seed, n.saturating_add(1000), until);
    let entries = entries.max(OTHERS);
    let mut out = Outbox::new(Style::Post, entries);
    let patient = draw.id();
    let (subject, at) = (format!("urn:uuid:{patient}"), before_now(&draw, u64::from(n)));
    out.put(("Patient", patient.as_str()), "", at, |j| {
        patient::write(j, &profile.person, &Registration::default());
    });
    let reason = CONDITIONS.draw(&draw);
    let visit = visit(&draw, at, reason);
    out.put(("Encounter", &visit.id), "", at, |j| {
        encounter::write(j, &subject, &visit, visit.end);
    });
    diagnosis(&mut out, &draw, &subject, &visit, reason);
    for k in 0..entries - OTHERS {
        let observed = Observed {
            subject: &subject,
            encounter: &visit.reference,
            performer: "",
            at: at.plus(k as i64 * MINUTE),
            issued: at.plus(HOUR + k as i64 * MINUTE),
            status: "final",
            finding: finding(&draw, k, |what| profile.value(&draw, what, Some(reason))),
        };
        out.put(("Observation", draw.id().as_str()), "", at, |j| {
            observation::write(j, &observed);
        });
    }
    out.finish().into_iter().map(|done| done.body).collect()
}

fn diagnosis(out: &mut Outbox, draw: &Draw, subject: &str, visit: &Visit, what: &Condition) {
    let diagnosed = Diagnosed {
        code: what.code,
        problem: false,
        subject,
        encounter: &visit.reference,
        asserter: "",
        onset: visit.start,
        over: None,
    };
    out.put(("Condition", draw.id().as_str()), "", visit.start, |j| {
        condition::write(j, &diagnosed);
    });
}

/// An instant of the two years before the default present, in minutes.
fn before_now(draw: &Draw, n: u64) -> Moment {
    let until = Moment::from_log(Population::DEFAULT_UNTIL);
    let minutes = draw.between(600, 1_000_000) + (n % 61) as i64;
    until.plus(-minutes * MINUTE)
}

fn finding(draw: &Draw, k: usize, value: impl Fn(&'static crate::data::Measure) -> i64) -> Finding {
    if k.is_multiple_of(6) {
        let systolic = value(measure("systolic"));
        return Finding::Pressure(systolic, value(measure("diastolic")).min(systolic - 15));
    }
    let what = MEASURES.draw(draw);
    Finding::Value(what, value(what).clamp(what.min, what.max))
}

fn visit(draw: &Draw, start: Moment, reason: &Condition) -> Visit {
    let id = draw.id().to_string();
    Visit {
        reference: format!("urn:uuid:{id}"),
        id,
        organization: "",
        kind: VISITS.first(|kind| kind.class == "IMP"),
        start,
        end: Some(start.plus(draw.between(4, 72) * HOUR)),
        reason: reason.code,
        practitioner: String::new(),
        location: String::new(),
    }
}
