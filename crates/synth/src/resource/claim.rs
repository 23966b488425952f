//! Claim and ExplanationOfBenefit.

use crate::code::{Code, hl7};
use crate::json::Json;
use crate::moment::{DAY, Moment};
use crate::resource::encounter::Visit;

/// A visit that is charged to a plan.
pub(crate) struct Charge<'a> {
    pub visit: &'a Visit,
    pub subject: &'a str,
    /// Reference of the Coverage.
    pub coverage: &'a str,
    /// Amount in pence.
    pub amount: i64,
    /// End of the visit.
    pub end: Moment,
}

impl Charge<'_> {
    /// When the claim was made.
    pub fn claimed(&self) -> Moment {
        self.end.plus(2 * DAY)
    }

    /// When it was settled.
    pub fn settled(&self) -> Moment {
        self.end.plus(12 * DAY)
    }

    fn kind(&self) -> Code {
        if self.visit.acute() {
            hl7!("claim-type", "institutional", "Institutional")
        } else {
            hl7!("claim-type", "professional", "Professional")
        }
    }

    /// The members that both resources begin with.
    fn write_head(&self, j: &mut Json, created: Moment) {
        j.text("status", "active");
        j.concept("type", self.kind());
        j.text("use", "claim");
        j.refer("patient", self.subject);
        j.period("billablePeriod", self.visit.start, Some(self.end));
        j.show("created", created);
        j.refer("insurer", "Organization/meadow-health-plan");
        j.refer("provider", &format!("Organization/{}", self.visit.organization));
    }

    /// The members of the one item that both resources have.
    fn write_item(&self, j: &mut Json) {
        j.number("sequence", 1);
        j.concept("productOrService", self.visit.kind.code);
        j.period("servicedPeriod", self.visit.start, Some(self.end));
        j.money("net", self.amount);
        j.refers("encounter", &[&self.visit.reference]);
    }
}

/// Writes the Claim.
pub(crate) fn write_claim(j: &mut Json, charge: &Charge<'_>) {
    charge.write_head(j, charge.claimed());
    j.concept("priority", hl7!("processpriority", "normal", "Normal"));
    j.list("insurance", |j| {
        j.item(|j| {
            j.number("sequence", 1);
            j.flag("focal", true);
            j.refer("coverage", charge.coverage);
        });
    });
    j.list("item", |j| j.item(|j| charge.write_item(j)));
    j.money("total", charge.amount);
}

/// Writes the ExplanationOfBenefit of a claim: the plan pays nine tenths.
pub(crate) fn write_benefit(j: &mut Json, charge: &Charge<'_>, claim: &str) {
    charge.write_head(j, charge.settled());
    j.refer("claim", claim);
    j.text("outcome", "complete");
    j.list("insurance", |j| {
        j.item(|j| {
            j.flag("focal", true);
            j.refer("coverage", charge.coverage);
        });
    });
    let submitted = hl7!("adjudication", "submitted", "Submitted Amount");
    let benefit = hl7!("adjudication", "benefit", "Benefit Amount");
    let amounts = [(submitted, charge.amount), (benefit, charge.amount * 9 / 10)];
    j.list("item", |j| {
        j.item(|j| {
            charge.write_item(j);
            write_amounts(j, "adjudication", &amounts);
        });
    });
    write_amounts(j, "total", &amounts);
}

fn write_amounts(j: &mut Json, key: &str, amounts: &[(Code, i64)]) {
    j.list(key, |j| {
        for (category, pence) in amounts {
            j.item(|j| {
                j.concept("category", *category);
                j.money("amount", *pence);
            });
        }
    });
}
