//! Who a patient is: names, birth, address, all invented.

use std::sync::LazyLock;

use crate::draw::Draw;
use crate::moment::{Day, MINUTE, Moment};
use crate::nhs;
use crate::table::{Fields, Line, Table};

/// The purpose of the streams that draw a person.
const PERSON: u64 = 1;

pub(crate) const GIVEN_TSV: &str = include_str!("../data/given-names.tsv");
pub(crate) const SURNAMES_TSV: &str = include_str!("../data/surname-parts.tsv");
pub(crate) const PLACES_TSV: &str = include_str!("../data/places.tsv");
pub(crate) const AGES_TSV: &str = include_str!("../data/ages.tsv");
pub(crate) const FEATURED_TSV: &str = include_str!("../data/featured.tsv");

static GIVEN: LazyLock<Table<Choice>> = LazyLock::new(|| Table::parse(GIVEN_TSV));
static SURNAMES: LazyLock<Table<Part>> = LazyLock::new(|| Table::parse(SURNAMES_TSV));
static PLACES: LazyLock<Table<Part>> = LazyLock::new(|| Table::parse(PLACES_TSV));
static AGES: LazyLock<Table<Ages>> = LazyLock::new(|| Table::parse(AGES_TSV));
/// Patients with fixed ids and stories.
pub(crate) static FEATURED: LazyLock<Table<Featured>> =
    LazyLock::new(|| Table::parse(FEATURED_TSV));

/// A given name and the gender it is used for.
#[derive(Default)]
struct Choice {
    text: &'static str,
    gender: &'static str,
}

impl Line for Choice {
    fn read(f: &mut Fields) -> Choice {
        Choice { text: f.text(), gender: f.text() }
    }
}

/// Part of a surname or of an address, and where it goes.
#[derive(Default)]
struct Part {
    kind: &'static str,
    text: &'static str,
}

impl Line for Part {
    fn read(f: &mut Fields) -> Part {
        Part { kind: f.text(), text: f.text() }
    }
}

/// A band of the age pyramid.
#[derive(Default)]
struct Ages {
    from: i64,
    to: i64,
    weight: i64,
}

impl Line for Ages {
    fn read(f: &mut Fields) -> Ages {
        Ages { from: f.number(), to: f.number(), weight: f.number() }
    }

    fn weight(&self) -> u64 {
        self.weight.unsigned_abs()
    }
}

/// A patient with a fixed id, known everywhere.
#[derive(Default)]
pub(crate) struct Featured {
    index: i64,
    pub id: &'static str,
    given: &'static str,
    family: &'static str,
    gender: &'static str,
    birth: &'static str,
    pub manager: &'static str,
    /// Whom the patient denies: an organisation, `everyone`, or nobody (empty).
    pub denies: &'static str,
    /// Long-term conditions, SNOMED CT codes.
    pub conditions: &'static str,
}

impl Line for Featured {
    fn read(f: &mut Fields) -> Featured {
        Featured {
            index: f.number(),
            id: f.text(),
            given: f.text(),
            family: f.text(),
            gender: f.text(),
            birth: f.text(),
            manager: f.text(),
            denies: f.text(),
            conditions: f.text(),
        }
    }
}

/// The fixed story of patient `index`, where there is one.
pub(crate) fn featured(index: u32) -> Option<&'static Featured> {
    FEATURED.lines().iter().find(|line| line.index == i64::from(index))
}

/// A patient's demographics.
pub(crate) struct Person {
    pub id: String,
    pub nhs: String,
    pub given: Vec<&'static str>,
    pub family: String,
    pub gender: &'static str,
    pub birth: Day,
    /// Completed years at the end of the population's time.
    pub age: i64,
    pub deceased: Option<Moment>,
    pub married: bool,
    pub street: String,
    pub city: &'static str,
    pub postcode: String,
    pub phone: String,
    pub email: String,
    /// Index of the adult of whose household a child is part.
    pub guardian: Option<u32>,
}

impl Person {
    /// Patient `index` of the population with this seed, as of `until`.
    pub fn new(seed: u64, index: u32, until: Moment) -> Person {
        let draw = Draw::new(seed, PERSON, u64::from(index));
        let fixed = featured(index);
        let birth = birth(&draw, index, until);
        let age = birth.age_on(until.day());
        let gender = match (fixed, draw.below(1000)) {
            (Some(fixed), _) => fixed.gender,
            (None, 0..=509) => "female",
            (None, 510..=995) => "male",
            (None, _) => "other",
        };
        let given = given(&draw, gender, fixed);
        let mut person = Person {
            id: fixed.map_or_else(|| draw.id().to_string(), |fixed| fixed.id.to_owned()),
            nhs: nhs::number(index),
            family: fixed.map_or_else(|| surname(&draw), |fixed| fixed.family.to_owned()),
            deceased: death(&draw, age, until).filter(|_| fixed.is_none()),
            married: age >= 20 && draw.permille(500),
            street: format!("{} {}", draw.between(1, 180), place(&draw, "street")),
            city: place(&draw, "city"),
            postcode: postcode(&draw),
            phone: phone(&draw),
            email: format!("patient{index}@mail.example"),
            guardian: None,
            given,
            gender,
            birth,
            age,
        };
        if age < 18 {
            person.join_household(seed, index, until);
        }
        person
    }

    /// Gives a child the name and address of the nearest adult before it.
    fn join_household(&mut self, seed: u64, index: u32, until: Moment) {
        let adult = |at: &u32| {
            let draw = Draw::new(seed, PERSON, u64::from(*at));
            let age = birth(&draw, *at, until).age_on(until.day());
            (20..60).contains(&(age - self.age))
        };
        let Some(at) = (index.saturating_sub(12)..index).rev().find(adult) else { return };
        let adult = Person::new(seed, at, until);
        self.guardian = Some(at);
        self.family = adult.family;
        self.street = adult.street;
        self.city = adult.city;
        self.postcode = adult.postcode;
        self.phone = adult.phone;
    }
}

/// The birth date: the first thing drawn for a person, so that an age is known without the rest.
fn birth(draw: &Draw, index: u32, until: Moment) -> Day {
    let band = AGES.draw(draw);
    let days = draw.between(band.from * 1461 / 4, (band.to + 1) * 1461 / 4 - 1);
    match featured(index) {
        Some(fixed) => Day::parse(fixed.birth),
        None => Day(until.day().0 - days),
    }
}

/// Death within the last three years, likelier with age.
fn death(draw: &Draw, age: i64, until: Moment) -> Option<Moment> {
    let share = match age {
        ..45 => 2,
        45..65 => 12,
        65..80 => 60,
        _ => 220,
    };
    let back = draw.between(2 * 1440, 1000 * 1440) * MINUTE;
    (draw.permille(share) && age > 3).then_some(until.plus(-back))
}

fn given(draw: &Draw, gender: &str, fixed: Option<&Featured>) -> Vec<&'static str> {
    let suits = |name: &Choice| name.gender == gender || name.gender == "any" || gender == "other";
    let mut names: Vec<&'static str> =
        (0..2).filter_map(|_| GIVEN.draw_fit(draw, suits)).map(|name| name.text).collect();
    names.dedup();
    if !draw.permille(450) {
        names.truncate(1);
    }
    fixed.map_or(names, |fixed| vec![fixed.given])
}

fn surname(draw: &Draw) -> String {
    let part = |kind: &str| SURNAMES.draw_fit(draw, |p| p.kind == kind).map_or("", |p| p.text);
    let single = || format!("{}{}", part("start"), part("end"));
    if draw.permille(60) { format!("{}-{}", single(), single()) } else { single() }
}

fn place(draw: &Draw, kind: &str) -> &'static str {
    PLACES.draw_fit(draw, |p| p.kind == kind).map_or("", |p| p.text)
}

/// A postcode of the ZZ99 pseudo area, which no address has.
fn postcode(draw: &Draw) -> String {
    const LETTERS: [char; 20] = [
        'A', 'B', 'D', 'E', 'F', 'G', 'H', 'J', 'L', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'W', 'X',
        'Y', 'Z',
    ];
    let (digit, a, b) = (draw.below(10), draw.one_of(&LETTERS), draw.one_of(&LETTERS));
    format!("ZZ99 {digit}{a}{b}")
}

/// A number of the ranges kept for drama (Ofcom): 07700 900000–900999, 01632 960000–960999.
fn phone(draw: &Draw) -> String {
    let area = if draw.permille(800) { "07700 900" } else { "01632 960" };
    format!("{area}{:03}", draw.below(1000))
}
