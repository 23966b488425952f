//! A compiled expression: operations with names and types already looked up.

use accord_spec::{self as spec, TypeId, is_subtype};

use crate::ast::BinaryOp;
use crate::compile::Function;
use crate::item::Item;

/// An expression compiled for a type. Evaluate it with [`Plan::each`], [`Plan::items`] or
/// [`Plan::truth`].
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) root: Op,
    pub(crate) types: Vec<TypeId>,
    pub(crate) steps: u32,
}

/// One operation. `on` is what it is applied to.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// Nothing.
    Empty,
    /// The item that the expression, or the criterion of `where`, is evaluated for.
    Input,
    /// `$index`: its place among its like.
    Index,
    /// `$total`: what `aggregate` has so far.
    Total,
    /// `%resource`: the resource that the expression is evaluated on.
    Resource,
    /// `%context`: what the expression is evaluated on.
    Context,
    /// A collection handed in under a name, by its place.
    External(usize),
    /// What `defineVariable` keeps at this place.
    Variable(usize),
    Constant(Item<'static>),
    Step(Box<Op>, Step),
    /// The input itself if it is of the type of this name, else its child of this name: the first
    /// word of a path over JSON without definitions.
    Named(Step),
    /// The item with this place, from 0.
    At(Box<Op>, usize),
    /// The item with the place that is computed.
    AtComputed(Box<Op>, Box<Op>),
    Where(Box<Op>, Box<Op>),
    OfType(Box<Op>, Type),
    Resolve(Box<Op>),
    Count(Box<Op>),
    /// True if there is an item; with the flag, if there is none.
    Exists(Box<Op>, bool),
    Not(Box<Op>),
    Is(Box<Op>, Type),
    /// Equality; with the flag, inequality.
    Equal(Box<Op>, Box<Op>, bool),
    Logic(Logic, Box<Op>, Box<Op>),
    Union(Box<Op>, Box<Op>),
    Select(Box<Op>, Box<Op>),
    /// Condition and the two ways; the last is the collection the function is called on.
    If(Box<[Op; 4]>),
    /// Keeps the value of the second at this place, and yields the first.
    Define(Box<Op>, usize, Option<Box<Op>>),
    Negate(Box<Op>),
    /// Arithmetic, comparison, equivalence, membership, concatenation.
    Binary(BinaryOp, Box<Op>, Box<Op>),
    Call(Box<Call>),
}

/// A function applied to a collection.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub function: Function,
    pub on: Op,
    pub args: Vec<Op>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Logic {
    And,
    Or,
    Xor,
    Implies,
}

/// A type that `is`, `as` and `ofType` ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Type {
    Fhir(TypeId),
    /// `System.Boolean` and the like: what computing and literals give.
    System(SystemType),
    /// `Quantity` without a namespace, which both have.
    Both(TypeId, SystemType),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SystemType {
    Boolean,
    Integer,
    Long,
    Decimal,
    String,
    Date,
    DateTime,
    Time,
    Quantity,
    /// Every one of them.
    Any,
    /// One that does not exist.
    Other,
}

/// From an element to those of its children that have one name in FHIRPath.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub name: Box<str>,
    /// By type of the parent: the JSON names that the FHIRPath name stands for there.
    pub cases: Box<[Case]>,
    /// Whether parents of other types are looked up when they are met.
    pub open: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub holder: TypeId,
    pub keys: Box<[&'static spec::Element]>,
}

/// Whether `as` and `ofType` keep an item of type `ty`: unlike `is`, they do not take a specialised
/// primitive for a general one (a `code` is a `string`, but not one as `string`).
pub(crate) fn narrows(ty: TypeId, target: TypeId) -> bool {
    if target.primitive().is_some() { ty == target } else { is_subtype(ty, target) }
}

impl Plan {
    /// The types that its items can have, where that is known from the definitions; an abstract
    /// type stands for any that specialises it. Empty if only computed values come out.
    pub fn types(&self) -> &[TypeId] {
        &self.types
    }
}
