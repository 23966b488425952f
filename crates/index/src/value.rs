//! Search values: what the extractor finds in a resource and the index keeps.

/// Version of the extractor whose values a record carries. Values with another version are
/// extracted anew from the document; the document is the truth.
pub const EXTRACTOR_VERSION: u16 = 5;

/// The first version of the extractor that kept every code: of what an older one read it cannot be
/// told which codes stand in it.
pub(crate) const KEEPS_CODES: u16 = 2;

/// The first version of the extractor that kept what stands together (composites, positions), texts
/// of codes, types of identifiers and identifiers of references.
pub(crate) const KEEPS_PARTS: u16 = 3;

/// The first version of the extractor that kept words.
pub(crate) const KEEPS_WORDS: u16 = 4;

/// The first version of the extractor that read contained resources.
pub(crate) const KEEPS_CONTAINED: u16 = 5;

/// One value of one search parameter.
#[derive(Clone, PartialEq, Debug)]
pub struct Value {
    /// The parameter, a `spec::ParamId`: one per (type, code), and one per code common to all types.
    pub param: u16,
    /// The value.
    pub datum: Datum,
}

/// A search value by kind of parameter. Texts are as they stand in the resource; normalisation
/// happens where keys are built.
#[derive(Clone, PartialEq, Debug)]
pub enum Datum {
    /// Token: `system` is `None` where the element has none; a boolean is the code `true`/`false`.
    Token {
        /// Code system, identifier system or contact-point use.
        system: Option<String>,
        /// Code, identifier value, …
        code: String,
    },
    /// Reference to a resource of this server: relative, without version.
    Reference {
        /// Type number of the target.
        resource_type: u8,
        /// Logical id of the target.
        id: String,
    },
    /// Reference to elsewhere: absolute URL, `urn:uuid:` or canonical (`url|version`).
    Url(String),
    /// String, as written; the index also keeps its normalised form.
    Text(String),
    /// Uri, compared exactly.
    Uri(String),
    /// Date range: microseconds since 1970, `low` inclusive, `high` exclusive; open ends are
    /// `i64::MIN` and `i64::MAX`.
    Date {
        /// First microsecond.
        low: i64,
        /// First microsecond after it.
        high: i64,
    },
    /// Number, by the order-preserving key of `fhir::Decimal::order_key`.
    Number {
        /// Key of the number.
        key: u128,
    },
    /// Text of a code or an identifier's type, which a token is found by with `:text`.
    Label(String),
    /// Identifier of a reference that names no resource.
    Identifier {
        /// Its system.
        system: Option<String>,
        /// Its value.
        value: String,
    },
    /// Identifier with a type, for `:of-type`.
    OfType {
        /// System of the type.
        system: String,
        /// Code of the type.
        code: String,
        /// Value of the identifier.
        value: String,
    },
    /// A value of one component in one of the items that a composite parameter looks at.
    Part {
        /// Which item, from 0 and without gaps.
        item: u32,
        /// Which component.
        component: u8,
        /// The value; never a part itself.
        datum: Box<Datum>,
    },
    /// Quantity. A `Range` gives two with open ends as `u128::MIN` and `u128::MAX`.
    Quantity {
        /// Lowest value, by the key of `fhir::Decimal::order_key`.
        low: u128,
        /// Highest value, inclusive.
        high: u128,
        /// Unit system.
        system: Option<String>,
        /// Unit code.
        code: Option<String>,
        /// Unit text.
        unit: Option<String>,
    },
}

/// The search values of one resource version, in the order of extraction, without repeats.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Values(pub Vec<Value>);
