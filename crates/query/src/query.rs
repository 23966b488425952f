//! The typed query.

use accord_spec::{Compartment, ParamId, ResourceType};

use crate::coded::Coded;
use crate::context::DEFAULT_COUNT;
use crate::own::OwnParams;
use crate::value::{
    DateValue, NearValue, NumberValue, OfType, QuantityValue, ReferenceValue, Text, TextMode, Token,
};
use crate::words::Words;

/// A search: every clause must hold for a match.
#[derive(Clone, PartialEq, Debug)]
pub struct Query {
    /// The type searched; `None` at system level.
    pub resource_type: Option<ResourceType>,
    /// At system level the types of `_type`, ascending, without repeats; empty means every type.
    pub types: Vec<ResourceType>,
    /// The compartment searched, which is part of an address and not of a query's text.
    pub member_of: Option<Member>,
    /// What of records of patients is wanted beyond conditions; no part of a query's text either.
    pub record: Record,
    /// Conditions, in the order of the request.
    pub clauses: Vec<Clause>,
    /// Whether contained resources are looked for.
    pub contained: Contained,
    /// Whether what is contained is asked for by itself (`_containedType=contained`), not what
    /// contains it.
    pub alone: bool,
    /// Order of the matches, most significant first; empty leaves it to the server.
    pub sort: Vec<Sort>,
    /// What comes with the matches, in the order of the request, without repeats.
    pub includes: Vec<Include>,
    /// Most matches on a page, 0 to [`MAX_COUNT`](crate::MAX_COUNT).
    pub count: u32,
    /// What `_total` asks for; `None` where it does not say.
    pub total: Option<Total>,
    /// Only the number of matches is asked for: `_summary=count` or `_count=0`.
    pub count_only: bool,
    /// How much of each resource is asked for.
    pub shape: Shape,
    /// The parameters beside the official ones that there were when it was read.
    pub own: OwnParams,
    /// Where the page begins: the text of a cursor that the server gave out, unchecked.
    pub cursor: Option<String>,
}

impl Query {
    /// A search of a type, or of all types, without conditions, as it is where nothing is said.
    pub fn on(resource_type: Option<ResourceType>) -> Query {
        Query {
            resource_type,
            types: Vec::new(),
            member_of: None,
            record: Record::default(),
            clauses: Vec::new(),
            contained: Contained::Outside,
            alone: false,
            sort: Vec::new(),
            includes: Vec::new(),
            count: DEFAULT_COUNT,
            total: None,
            count_only: false,
            shape: Shape::Whole,
            own: OwnParams::NONE,
            cursor: None,
        }
    }

    /// Whether it asks for words, also of what references join.
    pub fn asks_words(&self) -> bool {
        self.clauses.iter().any(Clause::asks_words)
    }

    /// The numbers of the store's own parameters that it asks by or sorts by: a definition that
    /// changes has another.
    pub fn own_numbers(&self) -> impl Iterator<Item = u16> + '_ {
        let asked = self.clauses.iter().filter_map(|clause| match clause.target {
            Target::Param(id) => Some(id),
            _ => None,
        });
        let sorted = self.sort.iter().filter_map(|sort| match sort.key {
            SortKey::Param(id) => Some(id),
            _ => None,
        });
        asked.chain(sorted).filter(|id| id.is_own()).map(|id| id.0)
    }

    /// Whether what it finds depends on other resources than those found.
    pub fn follows_references(&self) -> bool {
        self.clauses.iter().any(|clause| matches!(clause.test, Test::Chain(_)))
    }
}

/// A compartment: what is about one resource (FHIR R4 compartments §2.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Which kind of compartment.
    pub compartment: Compartment,
    /// The resource it is named after.
    pub id: String,
}

/// What operations want of records of patients that no search parameter says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Record {
    /// First and last day, since 1970, of what happened; what has no day passes.
    pub days: Option<(i32, i32)>,
    /// Only what names a patient.
    pub of_patients: bool,
}

/// Which resources are looked for (`_contained`, FHIR R4 search §3.1.1.5.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Contained {
    /// Those that are not contained.
    #[default]
    Outside,
    /// Contained ones.
    Inside,
    /// Both.
    Both,
}

/// How much of each resource is asked for (FHIR R4 search §3.1.1.5.8 and §3.1.1.5.9).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Shape {
    /// All of it.
    #[default]
    Whole,
    /// `_elements`: these elements of the resource, and those that it must have.
    Elements(Vec<String>),
    /// `_summary=true`: what the definitions mark as summary.
    Summary,
    /// `_summary=text`: the narrative.
    Text,
    /// `_summary=data`: all but the narrative.
    Data,
}

/// One condition: `target` has a value that passes `test`.
#[derive(Clone, PartialEq, Debug)]
pub struct Clause {
    /// What is looked at.
    pub target: Target,
    /// What must hold of it.
    pub test: Test,
}

impl Clause {
    fn asks_words(&self) -> bool {
        match &self.test {
            Test::Words { .. } => true,
            Test::Chain(chain) => chain.links.iter().any(|link| link.clause.asks_words()),
            _ => false,
        }
    }
}

/// What a clause looks at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Target {
    /// The logical id (`_id`); its test is always [`Test::Token`] with codes only.
    Id,
    /// The instant of the version (`_lastUpdated`); its test is always [`Test::Date`].
    LastUpdated,
    /// A search parameter of the searched type, or one common to all; with [`Test::Chain`], the
    /// resources that this reference names.
    Param(ParamId),
    /// Its narrative (`_text`); its test is always [`Test::Words`].
    Narrative,
    /// All of its texts (`_content`); its test is always [`Test::Words`].
    Content,
    /// The resources that refer to it by this parameter of theirs (`_has`); its test is always
    /// [`Test::Chain`] with one link.
    Referrer(ParamId),
}

/// What must hold. Alternatives (`any_of` and the lists) are never empty.
#[derive(Clone, PartialEq, Debug)]
pub enum Test {
    /// `:missing`: whether the parameter has no value at all.
    Missing(bool),
    /// A token.
    Token {
        /// `:not`: none of the values matches, also where there is no value.
        negated: bool,
        /// Alternatives.
        any_of: Vec<Token>,
    },
    /// A reference.
    Reference(Vec<ReferenceValue>),
    /// A string.
    Text {
        /// How texts are compared.
        mode: TextMode,
        /// Alternatives.
        any_of: Vec<Text>,
    },
    /// A date.
    Date(Vec<DateValue>),
    /// A number.
    Number(Vec<NumberValue>),
    /// A quantity.
    Quantity(Vec<QuantityValue>),
    /// A uri, compared exactly.
    Uri(Vec<String>),
    /// `:above` or `:below` on uris: those of which this is a part at a slash, or which are a part
    /// of it; itself included.
    UriTree {
        /// Whether shorter ones are meant.
        above: bool,
        /// Alternatives.
        any_of: Vec<String>,
    },
    /// `:text` on tokens: what is said of the code, or of the type of the identifier, begins so.
    Label(Vec<Text>),
    /// `:of-type`: identifiers with a type.
    OfType(Vec<OfType>),
    /// `:identifier`: references by identifier alone.
    Identifier(Vec<Token>),
    /// A composite: alternatives, each a test for every component that the same item passes.
    Composite(Vec<Vec<Test>>),
    /// Near to a place.
    Near(Vec<NearValue>),
    /// Codes that a terminology tells. Unless whoever searches has put them in its place
    /// ([`Query::replace_coded`]) nothing passes.
    Coded(Coded),
    /// Words of the resource.
    Words {
        /// What is asked of them.
        words: Words,
        /// The value as it was written.
        text: String,
    },
    /// What a reference leads to, or what refers (FHIR R4 search §3.1.1.4.13, §3.1.1.4.14).
    Chain(Chain),
}

/// A condition on resources that references join to the one searched for: one of them passes.
#[derive(Clone, PartialEq, Debug)]
pub struct Chain {
    /// Name of the whole parameter, from this reference on, as it was written.
    pub name: String,
    /// Its value as it was written.
    pub value: String,
    /// What one of them must be and satisfy; never empty.
    pub links: Vec<Link>,
}

/// A type of resources at the other end of a reference, and a condition on them.
#[derive(Clone, PartialEq, Debug)]
pub struct Link {
    /// Their type.
    pub resource_type: ResourceType,
    /// What they must satisfy.
    pub clause: Clause,
}

/// One sort criterion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sort {
    /// What is compared.
    pub key: SortKey,
    /// Largest first (`-`).
    pub descending: bool,
}

/// What a sort compares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SortKey {
    /// The logical id, by its bytes.
    Id,
    /// The instant of the version.
    LastUpdated,
    /// The values of a search parameter: the lowest of each resource where the lowest come first,
    /// else the highest (FHIR R4 search §3.1.1.5.1).
    Param(ParamId),
}

/// Resources that come with the matches (FHIR R4 search §3.1.1.5.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Include {
    /// What refers to the matches (`_revinclude`), not what they refer to.
    pub reverse: bool,
    /// Of what is included as well (`:iterate`).
    pub iterate: bool,
    /// The type that has the reference; `None` for any.
    pub source: Option<ResourceType>,
    /// The reference; `None` for any.
    pub param: Option<ParamId>,
    /// The type that is referred to; `None` for any.
    pub target: Option<ResourceType>,
    /// Only types that are in no compartment of this kind. No part of a query's text.
    pub outside: Option<Compartment>,
}

/// How exact a total is asked for (FHIR R4 search §3.1.1.5.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Total {
    /// No total.
    None,
    /// About right is enough.
    Estimate,
    /// Exact.
    Accurate,
}
