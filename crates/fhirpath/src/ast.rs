//! The tree of an expression, as the FHIRPath N1 grammar gives it.

use std::ops::Range;

/// Bytes of the text that a node was read from.
pub type Span = Range<usize>;

/// An expression with its place in the text. Equality ignores places.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
    height: u16,
}

/// The forms of expressions.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// A value written out.
    Literal(Literal),
    /// `%name` or `` %`name` `` or `%'name'`.
    Constant(String),
    /// `$this`, `$index`, `$total`.
    Variable(Variable),
    /// `on.name`, or `name` alone.
    Member {
        /// What the element belongs to; the context if absent.
        on: Option<Box<Expr>>,
        /// Name of an element, or of a type at the beginning of a path.
        name: String,
    },
    /// `on.name(args)`, or `name(args)` alone.
    Call {
        /// What the function is applied to; the context if absent.
        on: Option<Box<Expr>>,
        /// The function.
        name: String,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `on[index]`
    Index {
        /// The collection.
        on: Box<Expr>,
        /// Which item, from 0.
        index: Box<Expr>,
    },
    /// `-on` or `+on`
    Polarity {
        /// Whether the sign is a minus.
        negative: bool,
        /// The operand.
        on: Box<Expr>,
    },
    /// `on is Type` or `on as Type`
    Type {
        /// Which of the two.
        op: TypeOp,
        /// The operand.
        on: Box<Expr>,
        /// The type's name, possibly qualified: `FHIR.Patient`.
        name: TypeName,
    },
    /// `left op right`
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
}

/// Literals. Numbers, dates and times are kept as written.
#[derive(Clone, PartialEq, Debug)]
pub enum Literal {
    /// `{}`
    Empty,
    /// `true`, `false`
    Boolean(bool),
    /// `'text'`
    String(String),
    /// `1`, `1.50`
    Number(String),
    /// `1L`, without the `L`
    Long(String),
    /// `2026-11-21`, without the `@`
    Date(String),
    /// `2026-11-21T10:00Z`, `2026T`, without the `@`
    DateTime(String),
    /// `10:00:00.5`, without the `@T`
    Time(String),
    /// `4 'mg'`
    Quantity {
        /// The number as written.
        value: String,
        /// UCUM unit.
        unit: String,
    },
    /// `4 days`
    Duration {
        /// The number as written.
        value: String,
        /// Calendar unit as written, singular or plural.
        unit: String,
    },
}

/// Names with a dollar sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names are those of the grammar")]
pub enum Variable {
    This,
    Index,
    Total,
}

/// `is` or `as`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names are those of the grammar")]
pub enum TypeOp {
    Is,
    As,
}

/// The name of a type: one part, or two with a namespace; more are grammatical and name nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypeName(pub Vec<String>);

/// Operators between two expressions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is named by the sign that `sign` gives")]
pub enum BinaryOp {
    Multiply,
    Divide,
    Div,
    Mod,
    Add,
    Subtract,
    Concatenate,
    Union,
    LessOrEqual,
    Less,
    Greater,
    GreaterOrEqual,
    Equal,
    Equivalent,
    NotEqual,
    NotEquivalent,
    In,
    Contains,
    And,
    Or,
    Xor,
    Implies,
}

impl BinaryOp {
    /// The operator's sign or word.
    pub fn sign(self) -> &'static str {
        use BinaryOp::*;
        match self {
            Multiply => "*",
            Divide => "/",
            Div => "div",
            Mod => "mod",
            Add => "+",
            Subtract => "-",
            Concatenate => "&",
            Union => "|",
            LessOrEqual => "<=",
            Less => "<",
            Greater => ">",
            GreaterOrEqual => ">=",
            Equal => "=",
            Equivalent => "~",
            NotEqual => "!=",
            NotEquivalent => "!~",
            In => "in",
            Contains => "contains",
            And => "and",
            Or => "or",
            Xor => "xor",
            Implies => "implies",
        }
    }

    /// How strongly it binds (FHIRPath N1 §6.8); all are left-associative. `is` and `as` bind with
    /// [`TYPE_POWER`], signs with [`POLARITY_POWER`].
    pub fn power(self) -> u8 {
        use BinaryOp::*;
        match self {
            Implies => 1,
            Or | Xor => 2,
            And => 3,
            In | Contains => 4,
            Equal | Equivalent | NotEqual | NotEquivalent => 5,
            LessOrEqual | Less | Greater | GreaterOrEqual => 6,
            Union => 7,
            Add | Subtract | Concatenate => 9,
            Multiply | Divide | Div | Mod => 10,
        }
    }
}

/// How strongly `is` and `as` bind.
pub const TYPE_POWER: u8 = 8;
/// How strongly a sign binds.
pub const POLARITY_POWER: u8 = 11;
/// How strongly `.` and `[` bind.
pub const PATH_POWER: u8 = 12;

impl Expr {
    /// A node over `span`.
    pub fn new(kind: ExprKind, span: Span) -> Expr {
        let height = 1 + kind.children().map(|child| child.height).max().unwrap_or(0);
        Expr { kind, span, height }
    }

    /// Levels of the tree, 1 for a leaf.
    pub fn height(&self) -> u16 {
        self.height
    }

    /// How strongly the outermost operator binds.
    pub fn power(&self) -> u8 {
        match &self.kind {
            ExprKind::Binary { op, .. } => op.power(),
            ExprKind::Type { .. } => TYPE_POWER,
            ExprKind::Polarity { .. } => POLARITY_POWER,
            _ => PATH_POWER,
        }
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        self.kind == other.kind
    }
}

impl ExprKind {
    fn children(&self) -> impl Iterator<Item = &Expr> {
        let (first, second, rest): (Option<&Expr>, Option<&Expr>, &[Expr]) = match self {
            ExprKind::Literal(_) | ExprKind::Constant(_) | ExprKind::Variable(_) => {
                (None, None, &[])
            }
            ExprKind::Member { on, .. } => (on.as_deref(), None, &[]),
            ExprKind::Call { on, args, .. } => (on.as_deref(), None, args),
            ExprKind::Index { on, index } => (Some(on), Some(index), &[]),
            ExprKind::Polarity { on, .. } | ExprKind::Type { on, .. } => (Some(on), None, &[]),
            ExprKind::Binary { left, right, .. } => (Some(left), Some(right), &[]),
        };
        first.into_iter().chain(second).chain(rest)
    }
}
