//! Vital signs: codes, units, and which values are possible and plausible.

use accord_fhir::Decimal;

use crate::number::{shown, times};
use crate::reader::{Header, Reader, tape};
use crate::{SchemeError, VitalError};

/// Every vital sign that is understood.
#[derive(Clone, Debug)]
pub struct Vitals {
    /// What the table says of itself.
    pub header: Header,
    list: Vec<Vital>,
}

/// A vital sign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vital {
    /// What schemes call it.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// System of its code.
    pub system: String,
    /// Its code.
    pub code: String,
    /// Other codes of the system that mean the same.
    pub also: Vec<String>,
    /// Codes of other systems that mean the same: system and code.
    pub elsewhere: Vec<(String, String)>,
    /// How it is measured, if it is a number.
    pub quantity: Option<Quantity>,
    /// The values it may have, if they are codes: code, title and SNOMED CT code.
    pub values: Vec<(String, String, Option<String>)>,
}

/// How a number is measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quantity {
    /// UCUM unit.
    pub unit: String,
    /// Other units and the exact factor from each.
    also: Vec<(String, Decimal)>,
    possible: (Decimal, Decimal),
    plausible: (Decimal, Decimal),
}

/// A value as it was given.
#[derive(Clone, Debug)]
pub enum Given<'a> {
    /// A number with its UCUM unit.
    Quantity(Decimal, &'a str),
    /// A coded value: each coding's system (empty where none was given) and code.
    Codes(Vec<(&'a str, &'a str)>),
}

/// A value as schemes use it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// A number in the unit of its vital sign.
    Number(Decimal),
    /// One of the codes of its vital sign.
    Code(String),
}

/// A vital sign that was taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// Id of the vital sign.
    pub vital: String,
    /// Its value.
    pub value: Value,
    /// Whether it lies where values usually lie.
    pub plausible: bool,
    /// Whether somebody looked again and stands by a value that is not plausible.
    pub confirmed: bool,
}

impl Reading {
    /// Whether it may be used.
    pub fn counts(&self) -> bool {
        self.plausible || self.confirmed
    }
}

impl Vitals {
    /// Reads the table of vital signs.
    ///
    /// # Errors
    /// The first thing that is wrong with it, and where.
    pub fn load(file: &str, text: &str) -> Result<Vitals, SchemeError> {
        let tape = tape(file, text)?;
        let root = Reader::root(file, &tape);
        let header = root.header("vitals", &["vitals"])?;
        let mut list: Vec<Vital> = Vec::new();
        for item in root.member("vitals")?.items()? {
            let vital = Vital::load(&item)?;
            let same = |other: &Vital| {
                let mut codes = vital.elsewhere.iter();
                other.id == vital.id
                    || vital.codes().any(|code| other.is(&vital.system, code))
                    || codes.any(|(system, code)| other.is(system, code))
            };
            if list.iter().any(same) {
                return Err(item.wrong("the id or a code is taken"));
            }
            list.push(vital);
        }
        Ok(Vitals { header, list })
    }

    /// All of them.
    pub fn all(&self) -> &[Vital] {
        &self.list
    }

    /// The vital sign of this id.
    pub fn of(&self, id: &str) -> Option<&Vital> {
        self.list.iter().find(|vital| vital.id == id)
    }

    /// The vital sign of this code; any system where none is named.
    pub fn coded(&self, system: &str, code: &str) -> Option<&Vital> {
        self.list.iter().find(|vital| vital.is(system, code))
    }
}

impl Vital {
    /// Whether this is its code.
    pub fn is(&self, system: &str, code: &str) -> bool {
        let own = system.is_empty() || system == self.system;
        let elsewhere = |(of, other): &(String, String)| of == system && other == code;
        own && self.codes().any(|own| own == code) || self.elsewhere.iter().any(elsewhere)
    }

    fn codes(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.code).chain(self.also.iter().map(|code| &**code))
    }

    /// A value that was given, in the vital sign's own unit and codes.
    ///
    /// # Errors
    /// If it is of the wrong kind or unit, or nobody can have it.
    pub fn read(&self, given: &Given<'_>, confirmed: bool) -> Result<Reading, VitalError> {
        let (value, plausible) = match (given, &self.quantity) {
            (Given::Quantity(number, unit), Some(quantity)) => {
                let number = self.in_own_unit(quantity, *number, unit)?;
                (Value::Number(number), within(number, quantity.plausible))
            }
            (Given::Codes(codes), None) => (Value::Code(self.known(codes)?), true),
            (Given::Quantity(..), None) => return Err(VitalError::NeedsCode(self.title.clone())),
            (Given::Codes(_), Some(_)) => {
                return Err(VitalError::NeedsQuantity(self.title.clone()));
            }
        };
        Ok(Reading { vital: self.id.clone(), value, plausible, confirmed })
    }

    fn in_own_unit(
        &self,
        quantity: &Quantity,
        number: Decimal,
        unit: &str,
    ) -> Result<Decimal, VitalError> {
        let vital = || self.title.clone();
        let factor = quantity.also.iter().find(|(other, _)| other == unit);
        let own = match factor {
            _ if unit == quantity.unit => Some(number),
            Some((_, factor)) => times(number, *factor),
            None => None,
        };
        let (unit, given) = (quantity.unit.clone(), unit.to_owned());
        let own =
            own.ok_or_else(|| VitalError::Unit { vital: vital(), unit: unit.clone(), given })?;
        if within(own, quantity.possible) {
            return Ok(own);
        }
        let (low, high) = (shown(quantity.possible.0), shown(quantity.possible.1));
        Err(VitalError::Impossible { vital: vital(), low, high, unit })
    }

    /// The code of this vital sign that one of the codings means.
    fn known(&self, codes: &[(&str, &str)]) -> Result<String, VitalError> {
        let own_system = ["urn:accord:", &self.values_name()].concat();
        let means = |(code, _, snomed): &&(String, String, Option<String>)| {
            codes.iter().any(|(system, given)| match *system {
                "" => given == code,
                "http://snomed.info/sct" => snomed.as_deref() == Some(given),
                other => other == own_system && given == code,
            })
        };
        let mut found = self.values.iter().filter(means);
        match (found.next(), found.next()) {
            (Some((code, ..)), None) => Ok(code.clone()),
            _ => {
                let known: Vec<_> =
                    self.values.iter().map(|(code, ..)| format!("`{code}`")).collect();
                Err(VitalError::Code { vital: self.title.clone(), known: known.join(", ") })
            }
        }
    }

    /// The last part of the system that its coded values are in.
    pub fn values_name(&self) -> String {
        if self.id == "consciousness" { "acvpu".to_owned() } else { self.id.clone() }
    }

    /// The limits of what is plausible, for people: `20 to 250 /min`.
    pub fn usual(&self) -> Option<String> {
        let quantity = self.quantity.as_ref()?;
        let (low, high) = quantity.plausible;
        Some(format!("{} to {} {}", shown(low), shown(high), quantity.unit))
    }

    /// A value for people: `21 /min`, `Alert`.
    pub fn shown(&self, value: &Value) -> String {
        match (value, &self.quantity) {
            (Value::Number(number), Some(quantity)) => {
                format!("{} {}", shown(*number), quantity.unit)
            }
            (Value::Number(number), None) => shown(*number),
            (Value::Code(code), _) => {
                let found = self.values.iter().find(|(own, ..)| own == code);
                found.map_or_else(|| code.clone(), |(_, title, _)| title.clone())
            }
        }
    }

    fn load(item: &Reader<'_>) -> Result<Vital, SchemeError> {
        const MEMBERS: &[&str] = &[
            "id",
            "title",
            "system",
            "code",
            "also-codes",
            "elsewhere",
            "unit",
            "also-units",
            "possible",
            "plausible",
            "values",
        ];
        item.only(MEMBERS)?;
        let also: Result<Vec<_>, _> = item.list("also-codes")?.iter().map(Reader::text).collect();
        let mut elsewhere = Vec::new();
        for other in item.list("elsewhere")? {
            other.only(&["system", "code"])?;
            elsewhere.push((other.text_of("system")?, other.text_of("code")?));
        }
        let mut values: Vec<(String, String, Option<String>)> = Vec::new();
        for value in item.list("values")? {
            value.only(&["code", "title", "snomed"])?;
            let snomed = value.optional("snomed").map(|code| code.text()).transpose()?;
            let code = value.text_of("code")?;
            if values.iter().any(|(other, ..)| *other == code) {
                return Err(value.wrong("the code is taken"));
            }
            values.push((code, value.text_of("title")?, snomed));
        }
        let quantity = item.optional("unit").map(|_| Quantity::load(item)).transpose()?;
        if quantity.is_some() != values.is_empty() {
            return Err(item.wrong("either `unit` or `values` is needed"));
        }
        Ok(Vital {
            id: item.text_of("id")?,
            title: item.text_of("title")?,
            system: item.text_of("system")?,
            code: item.text_of("code")?,
            also: also?,
            elsewhere,
            quantity,
            values,
        })
    }
}

impl Quantity {
    fn load(item: &Reader<'_>) -> Result<Quantity, SchemeError> {
        let mut also = Vec::new();
        for other in item.list("also-units")? {
            other.only(&["unit", "factor"])?;
            let factor = other.member("factor")?.number()?;
            if factor.parts().0 || factor.parts().1 == 0 {
                return Err(other.wrong("a factor is more than 0"));
            }
            also.push((other.text_of("unit")?, factor));
        }
        let possible = range(&item.member("possible")?)?;
        let plausible_item = item.member("plausible")?;
        let plausible = range(&plausible_item)?;
        if plausible.0 < possible.0 || plausible.1 > possible.1 {
            return Err(plausible_item.wrong("what is plausible is possible"));
        }
        Ok(Quantity { unit: item.text_of("unit")?, also, possible, plausible })
    }
}

fn range(item: &Reader<'_>) -> Result<(Decimal, Decimal), SchemeError> {
    match item.items()?.as_slice() {
        [low, high] if low.number()? < high.number()? => Ok((low.number()?, high.number()?)),
        _ => Err(item.wrong("two numbers are needed, the lower one first")),
    }
}

fn within(number: Decimal, (low, high): (Decimal, Decimal)) -> bool {
    low <= number && number <= high
}
