//! What can be wrong with an expression.

use crate::ast::Span;

/// Why a text is not a FHIRPath expression, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct ParseError {
    /// Offset into the text, in bytes.
    pub offset: usize,
    /// What is wrong there.
    pub kind: ParseErrorKind,
}

/// Kinds of syntax faults.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParseErrorKind {
    /// The text ends too early.
    #[error("unexpected end of expression")]
    UnexpectedEnd,
    /// A token that cannot stand here.
    #[error("unexpected token")]
    UnexpectedToken,
    /// A character that begins no token.
    #[error("unexpected character")]
    UnexpectedCharacter,
    /// A string, delimited identifier or comment without its end.
    #[error("missing closing delimiter")]
    Unclosed,
    /// A backslash followed by something that is no escape.
    #[error("malformed escape")]
    Escape,
    /// Not a date, dateTime or time literal.
    #[error("malformed date or time")]
    Date,
    /// Deeper than the limit.
    #[error("expression too deep")]
    TooDeep,
    /// Longer than the limit.
    #[error("expression too long")]
    TooLong,
}

/// Why an expression cannot be evaluated on the type it is compiled for.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CompileError {
    /// The type has no such element.
    #[error("`{holder}` has no element `{name}`")]
    UnknownElement {
        /// Where it stands in the expression.
        span: Span,
        /// The type or types, separated by commas.
        holder: String,
        /// The name.
        name: String,
    },
    /// No type of this name exists.
    #[error("`{name}` is not a type")]
    UnknownType {
        /// Where it stands in the expression.
        span: Span,
        /// The name.
        name: String,
    },
    /// `%name` is not defined.
    #[error("`%{name}` is not defined")]
    UnknownConstant {
        /// Where it stands in the expression.
        span: Span,
        /// The name.
        name: String,
    },
    /// A date that does not exist, or a number that is too long.
    #[error("`{text}` is not a value")]
    Literal {
        /// Where it stands in the expression.
        span: Span,
        /// The literal.
        text: String,
    },
    /// A function, operator or literal that the language has and this crate does not evaluate.
    #[error("`{function}` is not supported")]
    Unsupported {
        /// Where it stands in the expression.
        span: Span,
        /// Its name or sign.
        function: String,
    },
    /// A function was given the wrong number or kind of arguments.
    #[error("wrong arguments for `{function}`")]
    Arguments {
        /// Where the call stands in the expression.
        span: Span,
        /// The function's name.
        function: String,
    },
}

/// Why an evaluation stopped without a result.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EvalError {
    /// More elements were visited than the limit allows.
    #[error("expression takes too many steps")]
    TooManySteps,
    /// An operator or function that takes one item got several.
    #[error("expected one item, found several")]
    NotSingle,
    /// An operator or function got an item of a type that it does not take.
    #[error("item of a type that the operator or function does not take")]
    WrongType,
    /// An argument has a value that the function does not take.
    #[error("argument that the function does not take")]
    WrongArgument,
    /// The instant, or the terminology, that the expression asks for is not at hand.
    #[error("expression asks for what is not at hand here")]
    NotAtHand,
}
