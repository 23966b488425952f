//! What agreement and disagreement of single elements weigh.
//!
//! I. P. Fellegi, A. B. Sunter, A Theory for Record Linkage, JASA 64 (1969): an element that
//! agrees in a share `m` of the pairs that are one person, and in a share `u` of those that are
//! not, weighs log2(m / u) where it agrees and log2((1 - m) / (1 - u)) where it does not. Weights
//! are added to the log-odds that two records picked for comparison are of one person.
//!
//! The shares are estimates for a population of some hundred thousand, set here and not learnt
//! from anyone's data, so that the same records always get the same score.

/// How two values of an element compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Agreement {
    Equal,
    /// Nearly: a typing error, day and month exchanged, an initial.
    Near,
    Different,
    /// One of them is not known: it says nothing.
    Unknown,
}

/// An element that is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Element {
    Identifier,
    BirthDate,
    Family,
    Given,
    Gender,
    PostalCode,
    Telecom,
}

/// The shares of an element.
struct Shares {
    element: Element,
    /// Pairs of one person whose values are equal.
    m: f64,
    /// Pairs of two persons whose values are equal.
    u: f64,
    /// The weight of values that are nearly equal.
    near: f64,
    /// Whether values that differ say anything: people move, and have a number at each desk.
    differs: bool,
}

const SHARES: &[Shares] = &[
    Shares { element: Element::Identifier, m: 0.95, u: 0.000_001, near: 0.0, differs: false },
    // Eighty years of days, the living unevenly among them.
    Shares { element: Element::BirthDate, m: 0.97, u: 0.000_05, near: 5.0, differs: true },
    Shares { element: Element::Family, m: 0.90, u: 0.005, near: 3.0, differs: true },
    // Few people change it: twins differ in nothing else.
    Shares { element: Element::Given, m: 0.98, u: 0.01, near: 2.0, differs: true },
    Shares { element: Element::Gender, m: 0.99, u: 0.5, near: 0.0, differs: true },
    Shares { element: Element::PostalCode, m: 0.80, u: 0.003, near: 0.0, differs: false },
    Shares { element: Element::Telecom, m: 0.70, u: 0.000_5, near: 0.0, differs: false },
];

/// Log-odds that two records are of one person before anything is compared: one pair in a million.
const BEFORE: f64 = -20.0;
/// Log-odds from which a match is certain, probable, possible.
const GRADES: [(f64, Grade); 3] =
    [(13.0, Grade::Certain), (6.6, Grade::Probable), (0.0, Grade::Possible)];

/// How good a match is (FHIR R4 `match-grade`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in super::super) enum Grade {
    /// As likely as not, or more.
    Possible,
    /// 99 in 100.
    Probable,
    /// 9,999 in 10,000.
    Certain,
}

impl Grade {
    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Grade::Possible => "possible",
            Grade::Probable => "probable",
            Grade::Certain => "certain",
        }
    }
}

/// How likely two records are of one person.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Score {
    log_odds: f64,
}

impl Score {
    /// The score of what was compared.
    pub fn of(compared: &[(Element, Agreement)]) -> Score {
        let weights = compared.iter().map(|(element, agreement)| weight(*element, *agreement));
        Score { log_odds: BEFORE + weights.sum::<f64>() }
    }

    /// Its grade; `None` if they are rather two persons.
    pub fn grade(self) -> Option<Grade> {
        GRADES.iter().find(|(least, _)| self.log_odds >= *least).map(|(_, grade)| *grade)
    }

    /// The probability, 0 to 1, in four digits.
    pub fn text(self) -> String {
        format!("{:.4}", 1.0 / (1.0 + (-self.log_odds).exp2()))
    }

    /// What better matches have more of.
    pub fn order(self) -> f64 {
        self.log_odds
    }
}

fn weight(element: Element, agreement: Agreement) -> f64 {
    let Some(shares) = SHARES.iter().find(|shares| shares.element == element) else { return 0.0 };
    match agreement {
        Agreement::Equal => (shares.m / shares.u).log2(),
        Agreement::Near => shares.near,
        Agreement::Different if shares.differs => ((1.0 - shares.m) / (1.0 - shares.u)).log2(),
        Agreement::Different | Agreement::Unknown => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Agreement::*;
    use Element::*;

    fn grade(compared: &[(Element, Agreement)]) -> Option<Grade> {
        Score::of(compared).grade()
    }

    #[test]
    fn grades_are_what_a_registrar_would_say() {
        let person = [(BirthDate, Equal), (Family, Equal), (Given, Equal), (Gender, Equal)];
        assert_eq!(grade(&person), Some(Grade::Probable));
        let with = |more| [&person[..], &[more]].concat();
        assert_eq!(grade(&with((Identifier, Equal))), Some(Grade::Certain));
        assert_eq!(grade(&with((PostalCode, Equal))), Some(Grade::Certain));
        // Twins at one address are no more than possible.
        let twins = [(BirthDate, Equal), (Family, Equal), (Given, Different), (Gender, Equal)];
        let home = [(PostalCode, Equal)];
        assert!(grade(&[&twins[..], &home].concat()) <= Some(Grade::Possible));
        assert_eq!(grade(&twins), None);
        assert_eq!(
            grade(&[(Family, Equal), (Given, Equal), (PostalCode, Equal)]),
            Some(Grade::Possible)
        );
        assert_eq!(grade(&[(Identifier, Equal), (BirthDate, Different)]), None);
        assert_eq!(grade(&[]), None);
    }

    #[test]
    fn a_score_is_a_probability() {
        assert_eq!(Score::of(&[]).text(), "0.0000");
        assert_eq!(Score { log_odds: 0.0 }.text(), "0.5000");
        assert_eq!(Score { log_odds: 40.0 }.text(), "1.0000");
    }
}
