//! Answers as Parameters.

use accord_base::LogTime;
use accord_care::{Acuity, Due, Library, Score, ScoreScheme};
use serde_json::{Value, json};

use crate::acuity::{Decided, coded};
use crate::age::Age;

/// Parameters, or the parts of one of them, in the order they are told.
#[derive(Default)]
pub(crate) struct Report(Vec<Value>);

impl Report {
    /// A value of the type that its member names, such as `valueCode`.
    pub(crate) fn put(&mut self, name: &str, member: &str, value: impl Into<Value>) {
        self.0.push(json!({"name": name, member: value.into()}));
    }

    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.put(name, "valueString", text);
    }

    pub(crate) fn code(&mut self, name: &str, code: &str) {
        self.put(name, "valueCode", code);
    }

    pub(crate) fn count(&mut self, name: &str, count: u32) {
        self.put(name, "valueInteger", count);
    }

    pub(crate) fn flag(&mut self, name: &str, flag: bool) {
        self.put(name, "valueBoolean", flag);
    }

    pub(crate) fn instant(&mut self, name: &str, at: LogTime) {
        self.put(name, "valueInstant", at.to_string());
    }

    pub(crate) fn reference(&mut self, name: &str, reference: &str) {
        self.put(name, "valueReference", json!({"reference": reference}));
    }

    /// A parameter that has parts.
    pub(crate) fn parts(&mut self, name: &str, parts: Report) {
        self.0.push(json!({"name": name, "part": parts.0}));
    }

    /// The resource as JSON.
    pub(crate) fn resource(self) -> String {
        json!({"resourceType": "Parameters", "parameter": self.0}).to_string()
    }

    /// A score: its scheme, total, sub-scores, what is missing, triggers.
    pub(crate) fn score(&mut self, scheme: &ScoreScheme, score: &Score, library: &Library) {
        let mut parts = Report::default();
        parts.code("id", &scheme.header.id);
        parts.text("version", &scheme.header.version);
        parts.text("title", &scheme.header.title);
        parts.text("source", &scheme.header.source);
        self.parts("scheme", parts);
        let mut parts = Report::default();
        parts.total(scheme, score);
        self.parts("score", parts);
        for part in &score.parts {
            let mut parts = Report::default();
            parts.code("parameter", &part.parameter);
            parts.text("title", &part.title);
            let Some(sub_score) = part.score else {
                self.parts("missing", parts);
                continue;
            };
            parts.text("value", &part.value);
            parts.count("score", sub_score);
            self.parts("sub-score", parts);
        }
        for id in &score.to_confirm {
            let Some(vital) = library.vitals().of(id) else { continue };
            let usual = vital.usual().unwrap_or_default();
            let mut parts = Report::default();
            parts.code("code", &vital.code);
            parts.text("text", &format!("outside {usual}: measure again, or confirm"));
            self.parts("to-confirm", parts);
        }
        for trigger in &score.triggers {
            let mut parts = Report::default();
            parts.code("id", &trigger.id);
            parts.text("text", &trigger.title);
            if let Some(level) = trigger.level.and_then(|at| scheme.levels.get(at)) {
                parts.code("level", &level.id);
            }
            self.parts("trigger", parts);
        }
    }

    /// The age that a score rests on, and what that rests on.
    pub(crate) fn age(&mut self, age: Age, months: u32) {
        let mut parts = Report::default();
        parts.count("months", months);
        let basis = match age.range {
            None => "assumed-adult",
            Some(_) if age.stated => "stated",
            Some((least, most)) if least != most => {
                parts.count("least", least);
                parts.count("most", most);
                let text = "the birth date leaves the age open: the age that asks for most counts";
                parts.text("text", text);
                "partial-birth-date"
            }
            Some(_) => "birth-date",
        };
        parts.code("basis", basis);
        self.parts("age", parts);
    }

    /// Whether a score is complete, its total and level.
    pub(crate) fn total(&mut self, scheme: &ScoreScheme, score: &Score) {
        match score.total.complete() {
            Some(total) => {
                self.code("state", "complete");
                self.count("total", total);
            }
            None => self.code("state", "incomplete"),
        }
        self.count("at-least", score.total.at_least());
        if let Some(level) = score.level.and_then(|at| scheme.levels.get(at)) {
            self.code("level", &level.id);
            self.text("label", &level.title);
        }
    }

    /// What a score asks for.
    pub(crate) fn response(&mut self, scheme: &ScoreScheme, score: &Score) {
        let Some(level) = score.level.and_then(|at| scheme.levels.get(at)) else { return };
        let mut parts = Report::default();
        parts.text("text", &level.text);
        parts.text("who", &level.who);
        for (name, minutes) in
            [("review-within", level.review_minutes), ("observe-within", level.observe_minutes)]
        {
            if let Some(minutes) = minutes {
                parts.count(name, minutes);
            }
        }
        self.parts("response", parts);
    }

    /// An acuity, and what was computed.
    pub(crate) fn acuity(&mut self, decided: &Decided, library: &Library) {
        let mut parts = Report::default();
        let coding = |acuity: Acuity| coded(acuity, library).pointer("/coding/0").cloned();
        if let Some(acuity) = decided.acuity {
            let coding = coding(acuity).unwrap_or_default();
            let title = crate::input::text_at(&coding, "/display").unwrap_or_default().to_owned();
            parts.count("level", acuity.level().into());
            parts.text("title", &title);
            parts.put("code", "valueCoding", coding);
        }
        if let Some(computed) = &decided.computed {
            parts.count("computed", computed.acuity.level().into());
            parts.text("why", computed.why);
            for vital in &computed.danger {
                parts.code("danger", vital);
            }
            if !computed.unassessed.is_empty() {
                let missing = computed.unassessed.join(", ");
                parts.text("unassessed", &format!("danger zone not assessed: {missing}"));
            }
        }
        if let Some(asks) = &decided.asks {
            parts.text("reason-needed", asks);
        }
        if !parts.0.is_empty() {
            self.parts("acuity", parts);
        }
    }

    /// What is due, by whom.
    pub(crate) fn due(&mut self, name: &str, due: &Due) {
        let mut parts = Report::default();
        parts.code("what", due.what.code());
        parts.instant("at", due.at);
        parts.text("who", &due.who);
        parts.flag("overdue", due.overdue);
        self.parts(name, parts);
    }
}
