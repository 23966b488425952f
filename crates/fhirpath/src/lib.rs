//! FHIRPath N1: text → [`Expr`] → [`Plan`] → items. Pure.
//!
//! The parser takes the whole grammar. The compiler resolves names, choices (`value[x]`) and types
//! against the R4 definitions, so that evaluating walks a JSON tape and compares names, nothing
//! else. It knows the part of the function library that R4 search parameters use; anything further
//! is [`CompileError::Unsupported`], never a wrong answer.
//!
//! **Invariant:** evaluation is bounded: by the height of the expression, and by a count of steps.
//! **Absent:** IO, clocks, resolving of references over a network or a store, regular expressions,
//! date arithmetic, units.

pub mod ast;
mod compile;
mod error;
mod eval;
mod forest;
mod item;
mod limits;
mod parse;
mod plan;
mod print;

pub use ast::{Expr, ExprKind};
pub use compile::compile;
pub use error::{CompileError, EvalError, ParseError, ParseErrorKind};
pub use eval::{Env, Flow};
pub use forest::Forest;
pub use item::{Element, Item};
pub use limits::Limits;
pub use parse::parse;
pub use plan::Plan;
