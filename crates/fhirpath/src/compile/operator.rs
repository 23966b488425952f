//! Operators between two expressions.

use super::{Compiler, Result_, Typed, unsupported};
use crate::ast::{BinaryOp, Span};
use crate::plan::{Logic, Op};

impl Compiler {
    pub(super) fn binary(&self, op: BinaryOp, left: Typed, right: Typed, span: Span) -> Result_ {
        let (l, r) = (Box::new(left.op), Box::new(right.op));
        let logic = match op {
            BinaryOp::And => Logic::And,
            BinaryOp::Or => Logic::Or,
            BinaryOp::Xor => Logic::Xor,
            BinaryOp::Implies => Logic::Implies,
            BinaryOp::Equal => return Ok(Typed::computed(Op::Equal(l, r, false))),
            BinaryOp::NotEqual => return Ok(Typed::computed(Op::Equal(l, r, true))),
            BinaryOp::Union => {
                // What can never be there adds no types.
                let mut types = if matches!(*l, Op::Empty) { Vec::new() } else { left.types };
                types.extend(right.types.into_iter().filter(|_| !matches!(*r, Op::Empty)));
                types.sort_unstable();
                types.dedup();
                return Ok(Typed { op: Op::Union(l, r), types });
            }
            _ => return unsupported(span, op.sign()),
        };
        Ok(Typed::computed(Op::Logic(logic, l, r)))
    }
}
