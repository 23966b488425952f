//! A provision's conditions, and those it inherits (D3).

use accord_base::LogTime;
use accord_fhir::json::Value;
use accord_fhir::{DateRange, Utc, Zone};
use accord_spec::ResourceType;

use super::super::purpose::PurposeTest;
use super::super::rule::{Action, Actions, Actors, LabelTest, Provision};
use super::code::token;
use super::{LEVELS, Reader};
use crate::label::{self, Level};
use crate::types::TypeSet;

/// Codes of what is done with data (D10).
const ACTIONS: &str = "http://terminology.hl7.org/CodeSystem/consentaction";
/// Names of resource types as content classes.
const TYPES: &str = "http://hl7.org/fhir/resource-types";
/// Roles by which an actor is someone who gets data; one without a code is taken for one.
const RECIPIENTS: [&str; 5] = ["IRCP", "PRCP", "TRC", "GRANTEE", "DELEGATEE"];

/// What a provision has where it does not say.
pub(super) type Inherited = Provision<String, String>;

impl From<&Inherited> for Inherited {
    fn from(above: &Inherited) -> Inherited {
        above.clone()
    }
}

impl Reader<'_> {
    /// Reads a provision and those within it.
    pub(super) fn provision(
        &mut self,
        value: Value<'_>,
        path: &str,
        permits: bool,
        above: &Inherited,
    ) {
        self.modifiers(value, path);
        let mut here = Provision { permits, ..above.clone() };
        self.who(value, path, &mut here);
        self.what(value, path, &mut here);
        self.when(value, path, &mut here);
        self.provisions.push(here.clone());
        let nested = value.get("provision").into_iter().flat_map(Value::each);
        for (at, nested) in nested.enumerate() {
            let path = format!("{path}.provision[{at}]");
            let mut below = here.clone();
            below.path.push(u8::try_from(at).unwrap_or(u8::MAX));
            if below.path.len() >= LEVELS {
                self.fault(&path, "provisions nest deeper than three levels");
                return;
            }
            match nested.get_str("type").as_deref() {
                Some("permit") => self.provision(nested, &path, true, &below),
                Some("deny") => self.provision(nested, &path, false, &below),
                _ => self.fault(&format!("{path}.type"), "a nested provision permits or denies"),
            }
        }
    }

    fn who(&mut self, value: Value<'_>, path: &str, here: &mut Inherited) {
        if let Some(actors) = named(value, "actor") {
            let mut found = Actors { organizations: Vec::new(), actors: Vec::new() };
            for (at, actor) in actors.each().enumerate() {
                self.actor(actor, &format!("{path}.actor[{at}]"), &mut found);
            }
            here.actors = Some(found);
        }
        if let Some(purposes) = named(value, "purpose") {
            let mut test = PurposeTest::default();
            for (at, coding) in purposes.each().enumerate() {
                let (system, code) = token(coding);
                if system.is_empty() || code.is_empty() || !test.add(&system, &code) {
                    self.fault(&format!("{path}.purpose[{at}]"), "the purpose is not known");
                }
            }
            here.purposes = Some(test);
        }
        if let Some(actions) = named(value, "action") {
            let mut all = Actions(0);
            for (at, concept) in actions.each().enumerate() {
                match self::actions(concept) {
                    0 => self.fault(&format!("{path}.action[{at}]"), "the action is not known"),
                    bits => all.0 |= bits,
                }
            }
            here.actions = all;
        }
    }

    fn actor(&mut self, actor: Value<'_>, path: &str, found: &mut Actors<String, String>) {
        self.modifiers(actor, path);
        let role = actor.get("role").and_then(|role| role.get("coding"));
        let recipient = role.is_none_or(|codings| {
            codings.each().any(|coding| RECIPIENTS.contains(&token(coding).1.as_str()))
        });
        if !recipient {
            let reason = "only recipients of information are told apart";
            self.fault(&format!("{path}.role"), reason);
        }
        let path = format!("{path}.reference");
        let target = actor.get("reference").and_then(self.context.resolve);
        match target {
            Some((kind, id)) => match kind.as_str() {
                "Organization" => found.organizations.push(id),
                "Practitioner" | "Device" | "Patient" | "RelatedPerson" => {
                    found.actors.push(format!("{kind}/{id}"));
                }
                "PractitionerRole" | "CareTeam" | "Group" if self.context.abilities.membership => {
                    found.actors.push(format!("{kind}/{id}"));
                }
                _ => self.fault(&path, "who belongs to it is not known here"),
            },
            None => self.fault(&path, "it names nobody of this server"),
        }
    }

    fn what(&mut self, value: Value<'_>, path: &str, here: &mut Inherited) {
        if let Some(codings) = named(value, "securityLabel") {
            let mut test = LabelTest { ceiling: None, floor: None, named: 0 };
            for (at, coding) in codings.each().enumerate() {
                if !add_label(&mut test, coding, here.permits) {
                    let path = format!("{path}.securityLabel[{at}]");
                    self.fault(&path, "the label is not one that data is labelled with");
                }
            }
            here.labels = Some(test);
        }
        if let Some(classes) = named(value, "class") {
            let mut types = TypeSet::default();
            for (at, coding) in classes.each().enumerate() {
                let (system, code) = token(coding);
                match ResourceType::from_name(&code).filter(|_| system == TYPES) {
                    Some(resource_type) => {
                        types = types.union([resource_type].into_iter().collect())
                    }
                    None => self.fault(
                        &format!("{path}.class[{at}]"),
                        "only resource types are told apart",
                    ),
                }
            }
            here.types = Some(types);
        }
        if let Some(concepts) = named(value, "code") {
            here.codes = Some(self.codes(concepts, path));
        }
        if let Some(data) = named(value, "data") {
            here.data = Some(self.data(data, path));
        }
    }

    fn when(&mut self, value: Value<'_>, path: &str, here: &mut Inherited) {
        if let Some(period) = value.get("period") {
            let bound = |name| Bound::of(period, name, self.context.zone);
            match bound("start").zip(bound("end")) {
                Some((start, end)) => {
                    here.from = start.instant(true, here.permits);
                    here.until = end.instant(false, here.permits);
                }
                None => self.fault(&format!("{path}.period"), "a date is not understood"),
            }
        }
        if let Some(period) = value.get("dataPeriod") {
            // Days are those of the data, wherever they were.
            let bound = |name| Bound::of(period, name, &Utc);
            match bound("start").zip(bound("end")) {
                Some((start, end)) => {
                    here.days = Some(super::data::days(start.low(), end.high(), here.permits));
                }
                None => self.fault(&format!("{path}.dataPeriod"), "a date is not understood"),
            }
        }
    }
}

/// An element that is there and not empty: an empty list names nothing.
fn named<'a>(value: Value<'a>, name: &str) -> Option<Value<'a>> {
    value.get(name).filter(|element| element.each().next().is_some())
}

fn actions(concept: Value<'_>) -> u8 {
    let codings = concept.get("coding").into_iter().flat_map(Value::each);
    codings.fold(0, |bits, coding| {
        let (system, code) = token(coding);
        let known = system == ACTIONS;
        bits | match code.as_str() {
            "access" | "use" if known => Action::Read as u8,
            "disclose" if known => Action::Disclose as u8,
            "collect" if known => Action::Collect as u8,
            "correct" if known => Action::Correct as u8,
            _ => 0,
        }
    })
}

/// Adds a label to what is meant (D4); whether it is known.
fn add_label(test: &mut LabelTest, coding: Value<'_>, permits: bool) -> bool {
    let (system, code) = token(coding);
    if system == label::CONFIDENTIALITY {
        let Some(level) = Level::from_code(&code) else { return false };
        if permits {
            test.ceiling = test.ceiling.max(Some(level));
        } else {
            test.floor = Some(test.floor.map_or(level, |floor| floor.min(level)));
        }
        return true;
    }
    let bits = if system == label::SENSITIVITY { label::sensitivity(&code) } else { None };
    test.named |= bits.unwrap_or(0);
    bits.is_some()
}

/// A start or an end of a period.
struct Bound {
    range: Option<DateRange>,
    /// Whether only the year, or year and month, are given.
    partial: bool,
}

impl Bound {
    /// `None` if it is there and cannot be read.
    fn of(period: Value<'_>, name: &str, zone: &dyn Zone) -> Option<Bound> {
        let Some(value) = period.get(name) else {
            return Some(Bound { range: None, partial: false });
        };
        let text = value.as_str()?;
        let range = DateRange::parse_in(&text, zone)?;
        Some(Bound { range: Some(range), partial: text.len() < "2026-01-01".len() })
    }

    /// The instant of the bound (D6): a partial date is as early or late as it can be for a
    /// denial, and as late or early for a permit. An end includes all that its date stands for
    /// (FHIR R4 datatypes §2.24.0.11).
    fn instant(&self, start: bool, permits: bool) -> LogTime {
        let Some(range) = self.range else {
            return if start { LogTime(0) } else { LogTime::NEVER };
        };
        let narrow = self.partial && permits;
        let us = if start != narrow { range.low } else { range.high };
        LogTime(u64::try_from(us).unwrap_or(0))
    }

    fn low(&self) -> i64 {
        self.range.map_or(i64::MIN, |range| range.low)
    }

    fn high(&self) -> i64 {
        self.range.map_or(i64::MAX, |range| range.high)
    }
}
