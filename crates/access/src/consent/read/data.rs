//! Data by when it is from and by what it is.

use accord_fhir::json::Value;
use accord_spec::ResourceType;

use super::super::rule::{Data, Days, Target};
use super::Reader;

/// Types that are referred to as whom something is about: everything depends on them.
const PEOPLE: [&str; 4] = ["Group", "Patient", "Person", "RelatedPerson"];
/// Microseconds in a day.
const DAY_US: i64 = 86_400_000_000;

/// The days from one instant to before another (D7): those wholly within for a permit, those that
/// it touches for a denial.
pub(super) fn days(low: i64, high: i64, permits: bool) -> Days {
    let down = |us: i64| us.div_euclid(DAY_US);
    let up = |us: i64| us.saturating_add(DAY_US - 1).div_euclid(DAY_US);
    let day = |days: i64| i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX });
    let (from, until) = if permits { (up(low), down(high)) } else { (down(low), up(high)) };
    // A day is never `i32::MIN`: that is no date.
    let from = if low == i64::MIN { i32::MIN } else { day(from) };
    let until = if high == i64::MAX { i32::MAX } else { day(until) };
    Days { from, until, undated: !permits }
}

impl Reader<'_> {
    pub(super) fn data(&mut self, data: Value<'_>, path: &str) -> Data<String> {
        let mut found = Data {
            instances: Vec::new(),
            related: Vec::new(),
            dependents: Vec::new(),
            authors: Vec::new(),
        };
        for (at, entry) in data.each().enumerate() {
            let path = format!("{path}.data[{at}]");
            self.modifiers(entry, &path);
            let target = entry.get("reference").and_then(self.context.resolve);
            let Some((kind, id)) = target else {
                self.fault(&format!("{path}.reference"), "it names nothing of this server");
                continue;
            };
            self.entry(entry, &path, (kind, id), &mut found);
        }
        found
    }

    /// One entry (D8).
    fn entry(
        &mut self,
        entry: Value<'_>,
        path: &str,
        (kind, id): (String, String),
        found: &mut Data<String>,
    ) {
        let links = self.context.abilities.links;
        let target = ResourceType::from_name(&kind).map(|kind| Target::new(kind, id.as_str()));
        let meaning = entry.get_str("meaning").unwrap_or_default();
        let reason = match (&*meaning, kind.as_str(), target) {
            ("instance", _, Some(target)) => return found.instances.push(target),
            ("related" | "dependents", ..) if !links => {
                "what refers to what is not told apart when data is read"
            }
            ("related", "Encounter" | "CarePlan" | "EpisodeOfCare", Some(target)) => {
                return found.related.push(target);
            }
            ("related", ..) => "only encounters, care plans and episodes of care have related data",
            ("dependents", kind, Some(_)) if PEOPLE.contains(&kind) => {
                "what depends on a person or group is not told apart"
            }
            ("dependents", _, Some(target)) => return found.dependents.push(target),
            (
                "authoredby",
                "Practitioner" | "PractitionerRole" | "Organization" | "Device" | "Patient"
                | "RelatedPerson",
                _,
            ) => return found.authors.push(format!("{kind}/{id}")),
            ("authoredby", ..) => "authors of this kind are not told apart",
            _ => "the meaning is not known",
        };
        self.fault(path, reason);
    }
}
