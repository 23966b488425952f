//! Search values by kind of parameter.

use accord_spec::ResourceType;

/// Comparison prefix of ordered values (FHIR R4 search §3.1.1.4.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names are those of the specification")]
pub enum Prefix {
    Eq,
    Ne,
    Gt,
    Lt,
    Ge,
    Le,
    Sa,
    Eb,
    Ap,
}

/// A token value: `code`, `system|code`, `|code` or `system|`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// What the system must be.
    pub system: TokenSystem,
    /// What the code must be; `None` for any.
    pub code: Option<String>,
}

/// What the system of a token must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TokenSystem {
    /// Anything or nothing (`code`).
    Any,
    /// Nothing (`|code`).
    Absent,
    /// This (`system|code`, `system|`).
    Is(String),
}

/// An identifier of a type: `system|code|value` (`:of-type`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OfType {
    /// System of the type.
    pub system: String,
    /// Code of the type.
    pub code: String,
    /// Value of the identifier.
    pub value: String,
}

/// A place and how far from it (`near`, FHIR R4 location §8.8.6).
#[derive(Clone, PartialEq, Debug)]
pub struct NearValue {
    /// Degrees, from -90 to 90.
    pub latitude: f64,
    /// Degrees, from -180 to 180.
    pub longitude: f64,
    /// How far at most.
    pub metres: f64,
    /// The value as it was written.
    pub text: String,
}

/// A reference value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReferenceValue {
    /// A bare id: a resource of this server with this id, of any of the parameter's targets.
    Id(String),
    /// `Type/id`, `:Type=id`, or the same under the server's own base URL.
    Resource {
        /// Type of the target.
        resource_type: ResourceType,
        /// Logical id of the target.
        id: String,
    },
    /// An absolute URL elsewhere, a URN or a canonical with or without `|version`.
    Url(String),
}

/// How texts are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextMode {
    /// The normalised text begins with the normalised value.
    StartsWith,
    /// `:exact`: the texts are equal as written.
    Exact,
    /// `:contains`: the normalised text contains the normalised value.
    Contains,
}

/// A text to search for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// As written.
    pub raw: String,
    /// After [`normalise`](crate::normalise()).
    pub normal: String,
}

/// A date value. Both ends are microseconds since 1970, `low` inclusive, `high` exclusive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DateValue {
    /// How it is compared.
    pub prefix: Prefix,
    /// First microsecond; of `ap`, of the widened range.
    pub low: i64,
    /// First microsecond after it; of `ap`, of the widened range.
    pub high: i64,
    /// The date as written, without prefix.
    pub text: String,
}

/// A number value. Ends are keys of `fhir::Decimal::order_key`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NumberValue {
    /// How it is compared.
    pub prefix: Prefix,
    /// Key of the number itself, which `gt`, `lt`, `ge`, `le`, `sa` and `eb` compare with.
    pub exact: u128,
    /// Lowest number that rounds to it at its precision, inclusive; of `ap`, 10 % below.
    pub low: u128,
    /// Highest number that rounds to it, exclusive; of `ap`, 10 % above, inclusive.
    pub high: u128,
    /// The number as written, without prefix.
    pub text: String,
}

/// A quantity value: a number and what its unit must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuantityValue {
    /// The number.
    pub number: NumberValue,
    /// The unit.
    pub unit: Unit,
}

/// What the unit of a quantity must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Anything (`5.4`).
    Any,
    /// This code or this unit text, whatever the system (`5.4||mg`).
    CodeOrText(String),
    /// This code of this system (`5.4|http://unitsofmeasure.org|mg`).
    Coded {
        /// System of the unit.
        system: String,
        /// Code in it.
        code: String,
    },
}

impl Prefix {
    /// Every prefix with its name.
    pub const ALL: [(Prefix, &'static str); 9] = [
        (Prefix::Eq, "eq"),
        (Prefix::Ne, "ne"),
        (Prefix::Gt, "gt"),
        (Prefix::Lt, "lt"),
        (Prefix::Ge, "ge"),
        (Prefix::Le, "le"),
        (Prefix::Sa, "sa"),
        (Prefix::Eb, "eb"),
        (Prefix::Ap, "ap"),
    ];

    /// The prefix of this name.
    pub fn from_name(name: &str) -> Option<Prefix> {
        Prefix::ALL.iter().find(|(_, n)| *n == name).map(|(prefix, _)| *prefix)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Prefix::ALL.iter().find(|(prefix, _)| *prefix == self).map_or("", |(_, name)| name)
    }
}

impl DateValue {
    /// Whether a target range, `low` inclusive and `high` exclusive, passes: the definition that
    /// an index must agree with (FHIR R4 search §3.1.1.4.4 and §3.1.1.4.7).
    pub fn matches(&self, low: i64, high: i64) -> bool {
        let within = self.low <= low && high <= self.high;
        let above = high > self.high;
        let below = low < self.low;
        match self.prefix {
            Prefix::Eq => within,
            Prefix::Ne => !within,
            Prefix::Gt => above,
            Prefix::Lt => below,
            Prefix::Ge => above || within,
            Prefix::Le => below || within,
            Prefix::Sa => low >= self.high,
            Prefix::Eb => high <= self.low,
            Prefix::Ap => low < self.high && high > self.low,
        }
    }
}

impl NumberValue {
    /// Whether a target passes that lies from `low` to `high`, both inclusive and equal for a plain
    /// number, as keys of `fhir::Decimal::order_key`: the definition that an index must agree with
    /// (FHIR R4 search §3.1.1.4.4 and §3.1.1.4.6; `gt` and its like compare with the exact number).
    pub fn matches(&self, low: u128, high: u128) -> bool {
        let within = self.low <= low && high < self.high;
        match self.prefix {
            Prefix::Eq => within,
            Prefix::Ne => !within,
            Prefix::Gt => high > self.exact,
            Prefix::Lt => low < self.exact,
            Prefix::Ge => high >= self.exact,
            Prefix::Le => low <= self.exact,
            Prefix::Sa => low > self.exact,
            Prefix::Eb => high < self.exact,
            Prefix::Ap => low <= self.high && high >= self.low,
        }
    }
}
