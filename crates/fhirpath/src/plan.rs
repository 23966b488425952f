//! A compiled expression: operations with names and types already looked up.

use accord_spec::{self as spec, TypeId, is_subtype};

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
    /// `%resource`: the resource that the expression is evaluated on.
    Resource,
    Constant(Constant),
    Step(Box<Op>, Step),
    /// The item with this place, from 0.
    At(Box<Op>, usize),
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
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Logic {
    And,
    Or,
    Xor,
    Implies,
}

#[derive(Clone, Debug)]
pub(crate) enum Constant {
    Boolean(bool),
    Integer(i64),
    Decimal(String),
    String(String),
}

/// A type that `is`, `as` and `ofType` ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Type {
    Fhir(TypeId),
    /// `System.Boolean` and the like: what computing and literals give.
    System(SystemType),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SystemType {
    Boolean,
    Integer,
    Decimal,
    String,
    /// One of which this crate makes no items.
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
