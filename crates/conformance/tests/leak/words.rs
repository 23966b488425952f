//! Words: found in what is seen, and nowhere else.

use accord_base::Role;
use accord_conformance::words::{contents, has_words};
use accord_engine::{Answer, Category, Outcome, Version};
use serde_json::Value;

use crate::session::Session;
use crate::tokens::may_ask;

impl Session<'_> {
    /// Whether how searches are answered is told to whoever asks.
    pub fn is_told_plans(&self) -> bool {
        matches!(self.subject.role, Role::System | Role::Administrator | Role::PrivacyOfficer)
    }

    /// To nobody else it is, whatever they ask.
    pub fn unexplained(&mut self, url: &str, outcome: Outcome) {
        self.cases += 1;
        let Err(failure) = outcome else { panic!("{}: {url} is explained", self.case) };
        assert_eq!(failure.category, Category::Forbidden, "{}: {url}", self.case);
    }

    /// A search for a word of some version, seen or not, finds those of the documents that have it
    /// as the asker sees them. Whoever is where nobody may tell is passed over.
    pub fn words(&mut self) {
        let row = self.asking.row();
        if row.deleted || !may_ask(self.subject, &row.kind) {
            return;
        }
        let narrative = self.asking.below(3) == 0;
        let texts = contents(&row.body, narrative);
        let all: Vec<&String> = texts.iter().flatten().collect();
        let Some(word) = all.get(self.asking.below(all.len().max(1))) else { return };
        if ["and", "or"].contains(&word.as_str()) {
            return;
        }
        let (kind, name) = (&row.kind, if narrative { "_text" } else { "_content" });
        let ours = self.get(self.full, self.subject, &format!("{kind}?{name}={word}&_count=1000"));
        let theirs = self.theirs(&format!("{kind}?_count=1000"));
        let (Some((ours, total)), Some((seen, _))) = (page(ours), page(theirs)) else { return };
        self.cases += 1;
        let case = format!("{}\n{kind}?{name}={word}", self.case);
        assert_eq!(total, Some(ours.len() as u64), "{case}");
        let has = |version: &&Version| {
            let body: Value = serde_json::from_str(&version.body).unwrap();
            has_words(&contents(&body, narrative), word)
        };
        let expected: Vec<&Version> = seen.iter().filter(has).collect();
        for version in &ours {
            let found = expected.iter().any(|other| other.id == version.id);
            assert!(found, "{case}: {} should not be found", version.id);
        }
        for version in expected.iter().filter(|v| !ours.iter().any(|other| other.id == v.id)) {
            let row = self.asking.rows.iter().rfind(|row| row.id == version.id.as_str());
            let named = row.is_some_and(|row| !row.patients.is_empty());
            let passed = named && self.rules.protects_anyone();
            assert!(passed, "{case}: {} should be found", version.id);
        }
    }
}

/// What is on a page that is the only one.
fn page(outcome: Outcome) -> Option<(Vec<Version>, Option<u64>)> {
    match outcome {
        Ok(Answer::Page(page)) if page.next.is_none() => Some((page.entries, page.total)),
        _ => None,
    }
}
