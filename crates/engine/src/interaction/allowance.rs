//! What the reads of one Bundle may cost together.

use accord_fhir::IssueCode;

use crate::{Answer, Category, Failure, Interaction, Outcome, Version};

/// Most that one answer may hold. In a Bundle, reads beyond are refused one by one; writes are
/// done, but told without the resource. A page ends early.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AnswerLimits {
    /// Searches and histories among the entries of a Bundle.
    pub bundle_searches: usize,
    /// Bytes of the resources in the answers to a Bundle.
    pub bundle_bytes: usize,
    /// Bytes of the resources on a page of a search or history. One resource always fits.
    pub page_bytes: usize,
}

impl Default for AnswerLimits {
    /// 1,000 searches and histories; 256 MiB; 64 MiB.
    fn default() -> AnswerLimits {
        AnswerLimits { bundle_searches: 1_000, bundle_bytes: 256 << 20, page_bytes: 64 << 20 }
    }
}

/// What is left of the limits of one Bundle.
pub(crate) struct Allowance {
    limits: AnswerLimits,
    searches: usize,
    bytes: usize,
    /// An answer did not fit: nothing more is looked up.
    full: bool,
}

impl Allowance {
    /// All of it.
    pub fn new(limits: AnswerLimits) -> Allowance {
        Allowance { limits, searches: 0, bytes: 0, full: false }
    }

    /// Whether one more entry may be looked up.
    ///
    /// # Errors
    /// `too-costly`, if it may not.
    pub fn admit(&mut self, interaction: &Interaction) -> Result<(), Failure> {
        if self.full {
            return Err(self.too_long());
        }
        let many = matches!(interaction, Interaction::Search { .. } | Interaction::History { .. });
        let pages = matches!(
            interaction,
            Interaction::Compartment(_) | Interaction::Operation(_) | Interaction::Metas(_)
        );
        if many || pages {
            if self.searches >= self.limits.bundle_searches {
                let most = self.limits.bundle_searches;
                return Err(costly(format!("a Bundle has at most {most} searches and histories")));
            }
            self.searches += 1;
        }
        Ok(())
    }

    /// The answer to what was looked up, if there is room for it beside those before.
    pub fn charge(&mut self, outcome: Outcome) -> Outcome {
        if self.holds(size(&outcome)) {
            return outcome;
        }
        self.full = true;
        Err(self.too_long())
    }

    /// The answer to what was written, without the resource if there is no room for it: a small
    /// conditional create may have found a large one.
    pub fn keep(&mut self, outcome: Outcome) -> Outcome {
        if self.holds(size(&outcome)) {
            return outcome;
        }
        let emptied = |version| Version { body: "".into(), ..version };
        outcome.map(|answer| match answer {
            Answer::Created(version) => Answer::Created(emptied(version)),
            Answer::Existing(version) => Answer::Existing(emptied(version)),
            Answer::Updated(version) => Answer::Updated(emptied(version)),
            other => other,
        })
    }

    /// Makes room for so many bytes, if there is any.
    fn holds(&mut self, bytes: usize) -> bool {
        let sum = self.bytes.saturating_add(bytes);
        let fits = sum <= self.limits.bundle_bytes;
        if fits {
            self.bytes = sum;
        }
        fits
    }

    fn too_long(&self) -> Failure {
        let most = self.limits.bundle_bytes;
        costly(format!("the answers of a Bundle hold at most {most} bytes of resources"))
    }
}

fn costly(text: String) -> Failure {
    Failure::new(Category::TooCostly, IssueCode::TooCostly, text)
}

/// Bytes of the resources in an answer.
fn size(outcome: &Outcome) -> usize {
    match outcome {
        Ok(Answer::Read(version) | Answer::Created(version)) => version.body.len(),
        Ok(Answer::Existing(version) | Answer::Updated(version)) => version.body.len(),
        Ok(Answer::Page(page)) => {
            page.entries.iter().chain(&page.included).map(|version| version.body.len()).sum()
        }
        _ => 0,
    }
}
