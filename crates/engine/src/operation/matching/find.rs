//! `Patient/$match` (FHIR R4): who of those that exist for the asker may be the person described.

use std::fmt::Write;

use accord_base::ResourceId;
use accord_fhir::IssueCode;
use accord_fhir::json::Value;
use accord_index::View;

use super::compare::score;
use super::describe::{Person, in_use};
use super::weights::{Grade, Score};
use crate::interaction::Drawn;
use crate::operation::Operation;
use crate::operation::person::parameters;
use crate::prepare::parse_json;
use crate::{Answer, Category, Engine, Failure, Version};

/// Matches told where nobody says how many.
const COUNT: usize = 10;
const MOST: usize = 50;

impl Engine {
    /// Answers `Patient/$match`.
    pub(in super::super) fn find_match(&self, operation: &Operation, view: &View) -> Drawn {
        match self.try_match(operation, view) {
            Ok((text, patients)) => (Ok(Answer::Resource(text)), patients),
            Err(failure) => (Err(failure), Vec::new()),
        }
    }

    fn try_match(
        &self,
        operation: &Operation,
        view: &View,
    ) -> Result<(String, Vec<ResourceId>), Failure> {
        let asked =
            parameters::read(&operation.body, &["resource", "onlyCertainMatches", "count"])?;
        let described = parameters::parameter(asked.root(), "resource")
            .and_then(|parameter| parameter.get("resource"))
            .filter(|patient| patient.get_str("resourceType").as_deref() == Some("Patient"))
            .ok_or_else(no_patient)?;
        let person = Person::of(described);
        let mut matches = self.matches(view, &person)?;
        if parameters::is_true(asked.root(), "onlyCertainMatches") {
            matches.retain(|(_, grade, _)| *grade == Grade::Certain);
        }
        matches.truncate(count(asked.root()));
        let patients = matches.iter().map(|(version, ..)| version.id.clone()).collect();
        Ok((bundle(&matches), patients))
    }

    /// Who may be the person, the likeliest first.
    fn matches(
        &self,
        view: &View,
        person: &Person,
    ) -> Result<Vec<(Version, Grade, Score)>, Failure> {
        let mut matches = Vec::new();
        for row in self.like(view, person)? {
            let version = self.version(view, &row)?;
            let tape = parse_json(version.body.as_bytes())?;
            if !in_use(tape.root()) {
                continue;
            }
            let score = score(person, &Person::of(tape.root()));
            matches.extend(score.grade().map(|grade| (version, grade, score)));
        }
        matches.sort_by(|(a, _, x), (b, _, y)| {
            y.order().total_cmp(&x.order()).then_with(|| a.id.as_str().cmp(b.id.as_str()))
        });
        Ok(matches)
    }
}

fn count(asked: Value<'_>) -> usize {
    let value = parameters::parameter(asked, "count").and_then(|count| {
        count.get("valueInteger").or_else(|| count.get("valuePositiveInt"))?.as_number()
    });
    value.and_then(|count| count.parse().ok()).unwrap_or(COUNT).clamp(1, MOST)
}

/// A searchset with a score and a grade for each match.
fn bundle(matches: &[(Version, Grade, Score)]) -> String {
    let mut entries = String::new();
    for (version, grade, score) in matches {
        let comma = if entries.is_empty() { "" } else { "," };
        // Writing to a text does not fail.
        let _ = write!(
            entries,
            r#"{comma}{{"resource":{},"search":{{"extension":[{{"url":"http://hl7.org/fhir/StructureDefinition/match-grade","valueCode":"{}"}}],"mode":"match","score":{}}}}}"#,
            version.body,
            grade.code(),
            score.text()
        );
    }
    let entry = if entries.is_empty() { String::new() } else { format!(r#","entry":[{entries}]"#) };
    let total = matches.len();
    format!(r#"{{"resourceType":"Bundle","type":"searchset","total":{total}{entry}}}"#)
}

fn no_patient() -> Failure {
    let text = "the parameter `resource` must hold a Patient";
    Failure::new(Category::Invalid, IssueCode::Required, text)
}
