//! FHIRPath N1: text → [`Expr`] → [`Plan`] → items. Pure.
//!
//! The parser takes the whole grammar. The compiler resolves names, choices (`value[x]`) and types
//! against the R4 definitions, so that evaluating walks a JSON tape and compares names, nothing
//! else. What is not evaluated is [`CompileError::Unsupported`], never a wrong answer. JSON without
//! definitions ([`UNTYPED`]) is walked by its own names.
//!
//! **Invariant:** evaluation is bounded: by the height of the expression, and by a count of steps
//! that items, bytes of made texts and patterns count for too.
//! **Absent:** IO, clocks, code systems (see [`Terminology`]), resolving of references over a
//! network or a store.

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
mod reads;
pub mod value;

pub use ast::{Expr, ExprKind};
pub use compile::{compile, compile_with};
pub use error::{CompileError, EvalError, ParseError, ParseErrorKind};
pub use eval::{Env, Flow, Terminology};
pub use forest::Forest;
pub use item::{Element, Item, TypeInfo, UNTYPED};
pub use limits::Limits;
pub use parse::parse;
pub use plan::Plan;
pub use reads::Read;
