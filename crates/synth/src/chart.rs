//! A patient's records as they are written, one organisation after the other.

mod hospital;
mod payor;
mod pharmacy;
mod practice;
mod registration;
mod visit;

use crate::bundle::{Outbox, Style};
use crate::directory;
use crate::draw::Draw;
use crate::later::Later;
use crate::moment::Moment;
use crate::population::{Population, Transaction};
use crate::profile::{NORTHGATE, PHARMACY, PRACTICE, Profile, RIVERSIDE};
use crate::resource::encounter::Visit;
use crate::resource::medication::Prescription;

/// The purpose of the streams that draw records.
const CHART: u64 = 3;

/// Most entries of one bundle.
pub(crate) const MOST_ENTRIES: usize = 200;

/// One patient's records under way: what one organisation writes, another may refer to.
pub(crate) struct Chart {
    seed: u64,
    profile: Profile,
    draw: Draw,
    /// The instant at which the telling ends.
    until: Moment,
    /// `Patient/id`.
    subject: String,
    /// The organisation that writes at present.
    organization: &'static str,
    out: Outbox,
    later: Later,
    visits: Vec<Visit>,
    prescriptions: Vec<Prescription>,
    /// Lasting conditions by code, with the reference of the Condition.
    problems: Vec<(&'static str, String)>,
}

/// What is told of one patient at first, and what changes later.
pub(crate) struct Told {
    pub first: Vec<Transaction>,
    pub later: Vec<Transaction>,
}

impl Chart {
    /// Tells everything about patient `index`.
    pub fn tell(population: &Population, index: u32) -> Told {
        let (seed, until) = (population.seed, Moment::from_log(population.until));
        let profile = Profile::new(seed, index, until);
        let mut chart = Chart {
            draw: Draw::new(seed, CHART, u64::from(index)),
            subject: format!("Patient/{}", profile.person.id),
            organization: profile.manager,
            out: Outbox::new(Style::Put, MOST_ENTRIES),
            later: Later::new(seed, index, until, population.updates, MOST_ENTRIES),
            visits: Vec::new(),
            prescriptions: Vec::new(),
            problems: Vec::new(),
            seed,
            profile,
            until,
        };
        let mut told = Told { first: Vec::new(), later: Vec::new() };
        for organization in chart.profile.known_to.clone() {
            chart.organization = organization;
            chart.register();
            match organization {
                PRACTICE => chart.practice(),
                _ => chart.hospital(),
            }
            chart.close(&mut told);
        }
        chart.organization = PHARMACY;
        chart.pharmacy();
        chart.close(&mut told);
        chart.payor();
        chart.close(&mut told);
        told
    }

    /// Ends the present organisation's bundles.
    fn close(&mut self, told: &mut Told) {
        let controller = self.organization;
        let first = self.out.finish().into_iter();
        told.first.extend(first.map(|done| Transaction::new(controller, done)));
        let later = self.later.finish().into_iter();
        told.later.extend(later.map(|done| Transaction::new(controller, done)));
    }

    /// The last instant at which anything happens to the patient.
    fn end(&self) -> Moment {
        self.profile.person.deceased.unwrap_or(self.until)
    }

    /// Reference of someone who treats patients at the present organisation.
    fn clinician(&self) -> String {
        format!("Practitioner/{}", directory::clinician(self.organization, &self.draw).id)
    }

    /// Whether the present organisation is a hospital.
    fn at_hospital(&self) -> bool {
        matches!(self.organization, NORTHGATE | RIVERSIDE)
    }
}
