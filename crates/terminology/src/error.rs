//! Why a question about codes has no answer.

/// What can go wrong with a question about codes.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TermError {
    /// Nobody here knows the code system.
    #[error("the code system `{0}` is not known here")]
    UnknownSystem(String),
    /// Nobody here knows the value set.
    #[error("the value set `{0}` is not known here")]
    UnknownValueSet(String),
    /// Nobody here knows the concept map.
    #[error("no concept map that fits is known here")]
    UnknownMap,
    /// The code system has no such code.
    #[error("the code `{code}` is not one of `{system}`")]
    UnknownCode {
        /// The code.
        code: String,
        /// Address of the code system.
        system: String,
    },
    /// The code system is known by name only.
    #[error(
        "the value set `{value_set}` cannot be expanded: the content of `{system}` is not loaded"
    )]
    NoContent {
        /// Address of the value set.
        value_set: String,
        /// Address of the code system, with its version if one was asked for.
        system: String,
    },
    /// Value sets that refer to each other in a circle.
    #[error("the value set `{0}` refers to itself")]
    Cycle(String),
    /// Value sets that refer to each other too deep.
    #[error("the value set `{0}` is nested too deep")]
    TooDeep(String),
    /// A definition that takes too long to read.
    #[error("the value set `{0}` is too costly: its filters go through too many concepts")]
    TooMuchWork(String),
    /// More codes than may be listed.
    #[error(
        "the value set `{value_set}` has {found} codes; at most {most} are listed without `count`"
    )]
    TooMany {
        /// Address of the value set.
        value_set: String,
        /// Codes it has.
        found: u64,
        /// Codes that are listed.
        most: u64,
    },
    /// A set that a grammar describes.
    #[error(
        "the value set `{value_set}` holds every code that the grammar of `{system}` permits, which cannot be listed"
    )]
    Endless {
        /// Address of the value set.
        value_set: String,
        /// Address of the code system.
        system: String,
    },
    /// A filter that the code system does not have, or that this server does not know.
    #[error("the filter `{property} {op}` on `{system}` is not supported")]
    Filter {
        /// Address of the code system.
        system: String,
        /// Property.
        property: String,
        /// Operator.
        op: String,
    },
    /// A pattern that cannot be used.
    #[error("`{0}` is no regular expression that can be used here")]
    Pattern(String),
    /// A definition that makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The store could not be read; the cause is in the server's log.
    #[error("the definition of `{0}` cannot be read")]
    Unreadable(String),
}
